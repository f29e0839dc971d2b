// The catalog's form of a summary:
//
//   version u8, flags u8 (1: NUL, 2: sent, 4: answers), raw_size, wire_size - raw_size, digest[32], [sent, zone],
//   envelope, number of references, these, preview, root part, number of checkpoints, their distances.
//
// "answers": the last reference is the one ID of In-Reply-To, as in most answers, and is not written again.
//
// Numbers are varints. A string is its length and its bytes; one that may be NIL is length + 1, 0 for NIL. Places are
// distances from the place before, raw and "line ends gained", so that most take two bytes. Decoding points into the
// record; it trusts nothing: no count makes it reserve more than the bytes at hand can fill, and whoever walks the
// result meets parts that lie inside each other as they must.
#include <algorithm>

#include "base/bytes.h"
#include "message/summary.h"

namespace imaparc::message {
namespace {

constexpr std::uint8_t version = 2;
constexpr std::uint8_t flag_nul = 1;
constexpr std::uint8_t flag_sent = 2;
constexpr std::uint8_t flag_answers = 4;

// Two more than the scanner makes: an empty text where a composite part at the last depth has nothing.
constexpr unsigned deepest = max_depth + 2;
constexpr std::size_t least_part_bytes = 16, least_parameter_bytes = 2, least_address_bytes = 4;

// What the place before was; each is written as distance from it.
struct Track {
    std::uint64_t raw = 0, gained = 0;
};

// What stands in the angle brackets of In-Reply-To, if nothing else is there; "" else.
std::string_view answered(const Envelope& envelope) {
    const std::string_view text = envelope.in_reply_to.value_or("");
    if (text.size() < 3 || text.front() != '<' || text.back() != '>') return {};
    return text.substr(1, text.size() - 2);
}

class Encoder {
  public:
    explicit Encoder(std::string& out) : out_(out) {}

    void summary(const Summary& s) {
        out_.u8(version);
        const bool answers = !s.references.empty() && s.references.back() == answered(s.envelope);
        out_.u8(static_cast<std::uint8_t>((s.has_nul ? flag_nul : 0) | (s.sent ? flag_sent : 0) |
                                          (answers ? flag_answers : 0)));
        out_.varint(s.raw_size);
        out_.varint(s.wire_size - s.raw_size);
        out_.raw({reinterpret_cast<const char*>(s.digest.data()), s.digest.size()});
        if (s.sent) {
            out_.zigzag(*s.sent);
            out_.zigzag(s.sent_zone_minutes);
        }
        envelope(s.envelope);
        const std::size_t written = s.references.size() - (answers ? 1 : 0);
        out_.varint(written);
        for (std::size_t i = 0; i < written; ++i) out_.text(s.references[i]);
        out_.text(s.preview);
        part(s.root, Track());
        out_.varint(s.checkpoints.size());
        Track track;
        for (const Place& place : s.checkpoints) this->place(place, track);
    }

  private:
    void place(const Place& place, Track& track) {
        const std::uint64_t gained = place.wire - place.raw;
        out_.varint(place.raw - track.raw);
        out_.varint(gained - track.gained);
        track = {place.raw, gained};
    }
    void text(const Nstring& text) {
        if (!text) {
            out_.u8(0);
            return;
        }
        out_.varint(text->size() + 1);
        out_.raw(*text);
    }
    void addresses(const std::vector<Address>& list) {
        out_.varint(list.size());
        for (const Address& address : list) {
            text(address.name);
            text(address.route);
            text(address.mailbox);
            text(address.host);
        }
    }
    void envelope(const Envelope& e) {
        text(e.date);
        text(e.subject);
        for (const auto* list : {&e.from, &e.sender, &e.reply_to, &e.to, &e.cc, &e.bcc}) addresses(*list);
        text(e.in_reply_to);
        text(e.message_id);
    }
    void parameters(const std::vector<Parameter>& list) {
        out_.varint(list.size());
        for (const Parameter& parameter : list) {
            out_.text(parameter.name);
            out_.text(parameter.value);
        }
    }
    // `track` is the place of the parent's body; the children of a part start there, the next sibling at its end.
    void part(const Part& p, Track track) {
        out_.u8(static_cast<std::uint8_t>(p.kind));
        place(p.header, track);
        place(p.body, track);
        const Track body = track;
        place(p.end, track);
        out_.varint(p.lines);
        out_.text(p.type);
        out_.text(p.subtype);
        out_.text(p.encoding);
        parameters(p.parameters);
        for (const Nstring* field : {&p.id, &p.description, &p.md5, &p.location, &p.disposition}) text(*field);
        if (p.disposition) parameters(p.disposition_parameters);
        out_.varint(p.languages.size());
        for (const std::string_view language : p.languages) out_.text(language);
        if (p.kind == Part::Kind::message) envelope(*p.envelope);
        if (p.kind == Part::Kind::message || p.kind == Part::Kind::multipart) {
            out_.varint(p.children.size());
            Track from = body;
            for (const Part& child : p.children) {
                part(child, from);
                from = {child.end.raw, child.end.wire - child.end.raw};
            }
        }
    }

    Writer out_;
};

class Decoder {
  public:
    explicit Decoder(std::string_view bytes) : in_(bytes) {}

    // False: damaged.
    bool summary(Summary& s) {
        const std::uint8_t flags = in_.u8();
        s.raw_size = in_.varint();
        s.wire_size = s.raw_size + in_.varint();
        const std::string_view digest = in_.raw(s.digest.size());
        if (!in_.ok() || flags > (flag_nul | flag_sent | flag_answers) || s.wire_size < s.raw_size) return false;
        std::copy(digest.begin(), digest.end(), s.digest.begin());
        s.has_nul = flags & flag_nul;
        if (flags & flag_sent) {
            s.sent = in_.zigzag();
            const std::int64_t zone = in_.zigzag();
            if (zone < -6000 || zone > 6000) return false;
            s.sent_zone_minutes = static_cast<std::int32_t>(zone);
        }
        const Place whole{s.raw_size, s.wire_size};
        if (!envelope(s.envelope) || !references(s, flags & flag_answers)) return false;
        s.preview = in_.text();
        if (!part(s.root, Track(), whole, 0)) return false;
        const std::uint64_t count = in_.varint();
        if (count > in_.left()) return false;
        s.checkpoints.resize(count);
        Track track;
        for (Place& place : s.checkpoints)
            if (!this->place(place, track, whole)) return false;
        return in_.ok() && in_.at_end();
    }

  private:
    // False if it lies behind `last`.
    bool place(Place& place, Track& track, const Place& last) {
        const std::uint64_t raw = in_.varint(), gained = in_.varint();
        // Differences first: sums of hostile numbers would wrap.
        if (!in_.ok() || raw > last.raw - track.raw || gained > last.wire - last.raw - track.gained) return false;
        track.raw += raw;
        track.gained += gained;
        place = {track.raw, track.raw + track.gained};
        return true;
    }
    Nstring text() {
        const std::uint64_t size = in_.varint();
        if (size == 0) return std::nullopt;
        return in_.raw(size - 1);
    }
    // How many follow; the list may be made that long. Nothing if the bytes cannot hold them.
    bool count(std::size_t& n, std::size_t least_bytes) {
        const std::uint64_t wanted = in_.varint();
        n = static_cast<std::size_t>(wanted);
        return in_.ok() && wanted <= in_.left() / least_bytes;
    }
    bool addresses(std::vector<Address>& list) {
        std::size_t n = 0;
        if (!count(n, least_address_bytes)) return false;
        if (n == 0) return true;
        list.resize(n);
        for (Address& address : list) {
            address.name = text();
            address.route = text();
            address.mailbox = text();
            address.host = text();
        }
        return in_.ok();
    }
    bool envelope(Envelope& e) {
        e.date = text();
        e.subject = text();
        for (auto* list : {&e.from, &e.sender, &e.reply_to, &e.to, &e.cc, &e.bcc})
            if (!addresses(*list)) return false;
        e.in_reply_to = text();
        e.message_id = text();
        return in_.ok();
    }
    bool references(Summary& s, bool answers) {
        std::size_t n = 0;
        if (!count(n, 1)) return false;
        s.references.reserve(n + (answers ? 1 : 0));
        for (std::size_t i = 0; i < n; ++i) s.references.push_back(in_.text());
        if (!answers) return in_.ok();
        const std::string_view last = answered(s.envelope);
        s.references.push_back(last);
        return in_.ok() && !last.empty();
    }
    bool parameters(std::vector<Parameter>& list) {
        std::size_t n = 0;
        if (!count(n, least_parameter_bytes)) return false;
        if (n == 0) return true;
        list.resize(n);
        for (Parameter& parameter : list) {
            parameter.name = in_.text();
            parameter.value = in_.text();
        }
        return in_.ok();
    }
    bool part(Part& p, Track track, const Place& last, unsigned depth) {
        if (depth > deepest) return false;
        const std::uint8_t kind = in_.u8();
        if (!in_.ok() || kind > static_cast<std::uint8_t>(Part::Kind::multipart)) return false;
        p.kind = static_cast<Part::Kind>(kind);
        if (!place(p.header, track, last) || !place(p.body, track, last)) return false;
        Track from = track;
        if (!place(p.end, track, last)) return false;
        const std::uint64_t lines = in_.varint();
        if (lines > UINT32_MAX) return false;
        p.lines = static_cast<std::uint32_t>(lines);
        p.type = in_.text();
        p.subtype = in_.text();
        p.encoding = in_.text();
        if (!parameters(p.parameters)) return false;
        for (Nstring* field : {&p.id, &p.description, &p.md5, &p.location, &p.disposition}) *field = text();
        if (p.disposition && !parameters(p.disposition_parameters)) return false;
        std::size_t n = 0;
        if (!count(n, 1)) return false;
        if (n) {
            p.languages.resize(n);
            for (std::string_view& language : p.languages) language = in_.text();
        }
        if (p.kind == Part::Kind::message) {
            p.envelope = std::make_unique<Envelope>();
            if (!envelope(*p.envelope)) return false;
        }
        if (p.kind != Part::Kind::message && p.kind != Part::Kind::multipart) return in_.ok();
        if (!count(n, least_part_bytes) || n == 0 || (p.kind == Part::Kind::message && n != 1)) return false;
        p.children.resize(n);
        for (Part& child : p.children) {
            if (!part(child, from, p.end, depth + 1)) return false;
            from = {child.end.raw, child.end.wire - child.end.raw};
        }
        return in_.ok();
    }

    Reader in_;
};

}  // namespace

std::string encode_summary(const Summary& summary) {
    std::string out;
    out.reserve(512);
    Encoder(out).summary(summary);
    return out;
}

Result<Summary> decode_summary(std::string_view bytes) {
    if (bytes.empty()) return Error{ErrorKind::damaged, "summary record is empty"};
    if (static_cast<std::uint8_t>(bytes.front()) != version) return Error{ErrorKind::invalid, "version"};
    Summary summary;
    if (!Decoder(bytes.substr(1)).summary(summary)) return Error{ErrorKind::damaged, "summary record is malformed"};
    return summary;
}

}  // namespace imaparc::message
