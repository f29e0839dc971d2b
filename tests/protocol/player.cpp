#include "protocol/player.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>

#include "base/file.h"
#include "base/text.h"
#include "helpers/deflate_peer.h"

namespace imaparc::test {

namespace {

// A connection, seen from the client.
struct Client {
    std::shared_ptr<PipeEnd> end;
    std::string received;                     // not yet expected
    std::unique_ptr<DeflatePeer> compressed;  // COMPRESS is on

    void take() {
        const std::string bytes = end->take();
        received += compressed ? compressed->inflated(bytes) : bytes;
    }
};

std::string flag_letters(std::uint8_t flags) {  // in ASCII order, as Maildir wants them
    std::string letters;
    if (flags & flag::draft) letters += 'D';
    if (flags & flag::flagged) letters += 'F';
    if (flags & flag::answered) letters += 'R';
    if (flags & flag::seen) letters += 'S';
    return letters;
}

}  // namespace

class Player::Play {
  public:
    Play(Player& player, const Script& script, Way way, std::string user)
        : player_(player), world_(player.world_for(script)), script_(script), way_(way), user_(std::move(user)) {
        names_["user"] = user_;
        options_ = ArchiveWorld::default_options();
        set_options();
    }

    std::string run() {
        make_archive();
        std::string trouble;
        if (way_ == Way::pipelined) send_all();
        for (std::size_t i = 0; i < script_.steps.size() && trouble.empty(); ++i) trouble = take(i);
        hang_up_all();
        world_.index->window_months(0);
        world_.services.resyncing = {};
        if (trouble.empty()) return {};
        return script_.name + " (" + to_string(way_) + "): " + trouble + "\n" + transcript_;
    }

  private:
    void set_options() {
        for (const auto& [name, value] : script_.options) {
            if (name == "tls") {
                pipe_.tls = value != "off";
                if (value == "forced") options_->tls = session::TlsPolicy::forced;
                if (value == "active") pipe_.secure = true;
            } else if (name == "flags") {
                options_->flags =
                    value == "readonly" ? session::FlagsMode::readonly : session::FlagsMode::private_flags;
            } else if (name == "plaintext") {
                options_->allow_plaintext = value == "yes";
            } else if (name == "address") {
                pipe_.remote_address = value;
            } else if (name == "literals") {
                options_->literals = value == "minus" ? session::Literals::minus : session::Literals::plus;
            } else if (name == "unauthenticate") {
                options_->unauthenticate = value == "yes";
            } else if (name == "compressed") {
                options_->compressed = std::stoul(value);
            } else if (name == "messages") {
                options_->message_limit = static_cast<std::uint32_t>(std::stoul(value));
            } else if (name == "per_user") {
                options_->connections_per_user = std::stoul(value);
            } else if (name == "commands") {
                options_->commands_before_login = static_cast<unsigned>(std::stoul(value));
            } else if (name == "comment") {
                options_->comment = unescaped(value);
            } else if (name == "admin") {
                options_->admin = value;
            } else if (name == "sent") {  // imap.special_use.sent, one name
                session::RoleNames roles;
                roles[static_cast<std::size_t>(session::Role::sent)] = {value};
                options_->special_use = session::SpecialUse(roles);
            } else if (name == "hide") {
                options_->hide_while_resyncing = value == "yes";
            } else if (name == "months") {
                world_.index->window_months(static_cast<unsigned>(std::stoul(value)));
            } else if (name == "all_mail") {  // world_for()
                if (value != "yes") throw std::runtime_error("option: all_mail=" + value);
            } else if (name == "synchronised") {
                synchronised_ = value == "yes";
            } else {
                throw std::runtime_error("option: " + name);
            }
        }
    }

    void make_archive() {
        const auto root = player_.mail_ / user_;
        for (const char* part : {"cur", "new", "tmp"}) std::filesystem::create_directories(root / part);
        for (const auto& folder : script_.folders) make_folder(folder);
        for (const auto& mail : script_.mails) deliver(mail);
        if (synchronised_) world_.sync(user_);
    }

    std::filesystem::path path_of(const std::string& folder) const {
        const auto root = player_.mail_ / user_;
        if (folder == "INBOX") return root;
        std::string name = "." + folder;
        std::ranges::replace(name, '/', '.');
        return root / name;
    }

    void make_folder(const std::string& folder) {
        for (const char* part : {"cur", "new", "tmp"}) std::filesystem::create_directories(path_of(folder) / part);
    }

    void deliver(const Mail& mail) {
        make_folder(mail.folder);
        const auto path = path_of(mail.folder) / "cur" / (mail.name + ":2," + flag_letters(mail.flags.system));
        std::ofstream(path, std::ios::binary) << mail.text;
        const timespec times[2] = {{mail.date, 0}, {mail.date, 0}};
        if (utimensat(AT_FDCWD, path.c_str(), times, 0) != 0) throw std::runtime_error("utimensat " + path.string());
    }

    std::filesystem::path file_of(const std::string& folder, const std::string& name) const {
        for (const auto& entry : std::filesystem::directory_iterator(path_of(folder) / "cur"))
            if (entry.path().filename().string().starts_with(name + ":")) return entry.path();
        throw std::runtime_error("no message " + name + " in " + folder);
    }

    Client& client(unsigned number) {
        auto& client = clients_[number];
        if (!client.end) client.end = world_.connect(options_, pipe_);
        return client;
    }

    void send(const Step& step) {
        std::string bytes = unescaped(with_names(step.text, names_));
        auto& end = client(step.connection).end;
        if (auto& compressed = clients_[step.connection].compressed) bytes = compressed->deflated(bytes);
        if (way_ == Way::bytes)
            end->send_split(bytes, 1);
        else
            end->send(bytes);
    }

    // All that the client will ever say, at once.
    void send_all() {
        std::map<unsigned, std::string> all;
        for (const auto& step : script_.steps)
            if (step.kind == Step::Kind::send) all[step.connection] += unescaped(with_names(step.text, names_));
        for (const auto& [number, bytes] : all) client(number).end->send(bytes);
    }

    std::string take(std::size_t at) {
        const Step& step = script_.steps[at];
        switch (step.kind) {
            case Step::Kind::send:
                if (way_ == Way::pipelined) return {};
                transcript_ +=
                    "C" + std::to_string(step.connection) + ": " + printable(with_names(step.text, names_), 300) + "\n";
                send(step);
                return {};
            case Step::Kind::expect:
                return expect(at, 1);
            case Step::Kind::expect_any: {
                // The first of a run takes them all.
                if (at > 0 && script_.steps[at - 1].kind == Step::Kind::expect_any &&
                    script_.steps[at - 1].connection == step.connection)
                    return {};
                std::size_t count = 1;
                while (at + count < script_.steps.size() && script_.steps[at + count].kind == Step::Kind::expect_any &&
                       script_.steps[at + count].connection == step.connection)
                    ++count;
                return expect(at, count);
            }
            case Step::Kind::closed: {
                auto& end = client(step.connection).end;
                if (run_until(world_.io, [&] { return end->closed(); })) {
                    client(step.connection).take();
                    if (client(step.connection).received.empty()) return {};
                }
                return where(step) + "the server was to close the connection; it said " +
                       printable(client(step.connection).received);
            }
            case Step::Kind::hang_up:
                client(step.connection).end->finish();
                return {};
            case Step::Kind::act:
                return act(step);
        }
        return {};
    }

    // The next `count` lines are those of the steps, in any order.
    std::string expect(std::size_t first, std::size_t count) {
        std::vector<const Step*> wanted;
        for (std::size_t i = 0; i < count; ++i) wanted.push_back(&script_.steps[first + i]);
        while (!wanted.empty()) {
            const auto line = next_line(wanted.front()->connection);
            if (!line)
                return where(*wanted.front()) + "expected\n    " + with_names(wanted.front()->text, names_) +
                       "\nbut nothing came";
            const auto found =
                std::ranges::find_if(wanted, [&](const Step* step) { return matches(step->text, *line, names_); });
            if (found == wanted.end())
                return where(*wanted.front()) + "expected\n    " + with_names(wanted.front()->text, names_) +
                       "\nbut got\n    " + printable(*line, 2000);
            wanted.erase(found);
        }
        return {};
    }

    std::optional<std::string> next_line(unsigned connection) {
        auto& end = client(connection).end;
        auto& received = clients_[connection].received;
        const bool there = run_until(
            world_.io,
            [&] {
                clients_[connection].take();
                return received.find("\r\n") != std::string::npos || end->closed();
            },
            std::chrono::seconds(5));
        const auto line_end = received.find("\r\n");
        if (!there || line_end == std::string::npos) return std::nullopt;
        std::string line = received.substr(0, line_end);
        received.erase(0, line_end + 2);
        transcript_ += "S" + std::to_string(connection) + ": " + printable(line, 300) + "\n";
        return line;
    }

    std::string act(const Step& step) {
        const auto words = split(step.text, ' ');
        const auto word = [&](std::size_t i) { return std::string(words.at(i)); };
        if (step.text == "deliver") {
            deliver(step.mail);
        } else if (word(0) == "sync") {
            world_.sync(user_);
        } else if (word(0) == "read") {
            world_.read_all(user_);
        } else if (word(0) == "remove") {
            std::filesystem::remove(file_of(word(1), word(2)));
        } else if (word(0) == "remove-folder") {
            std::filesystem::remove_all(path_of(word(1)));
        } else if (word(0) == "compress") {
            Client& one = client(1);
            one.compressed = word(1) == "yes" ? std::make_unique<DeflatePeer>() : nullptr;
            if (one.compressed) one.received = one.compressed->inflated(one.received);  // it came with the OK
        } else if (word(0) == "each-look") {
            world_.clock.each_look(std::chrono::seconds(std::stoul(word(1))));
        } else if (word(0) == "resyncing") {
            world_.services.resyncing = [on = word(1) == "yes"](const std::string&) { return on; };
        } else if (word(0) == "progress") {
            Progress progress;
            progress.owner = user_;
            progress.phase = SyncPhase::publishing;
            progress.messages_done = std::stoull(word(1));
            progress.messages_total = std::stoull(word(2));
            progress.rate = 10;
            world_.progress.set(progress);
        } else if (word(0) == "end") {
            world_.sessions.end_all("Shutting down");
        } else if (word(0) == "timeout") {
            auto& end = client(1).end;
            if (!run_until(world_.io, [&] { return end->reader_waits(); })) return where(step) + "nobody waits";
            end->let_time_out();
        } else {
            return where(step) + "no such action";
        }
        return {};
    }

    std::string where(const Step& step) const { return "line " + std::to_string(step.line) + ": "; }

    void hang_up_all() {
        for (auto& [number, client] : clients_)
            if (client.end) client.end->reset();
        run_until(world_.io, [&] { return world_.sessions.count() == 0; });
    }

    Player& player_;
    ArchiveWorld& world_;
    const Script& script_;
    const Way way_;
    const std::string user_;
    std::shared_ptr<session::Options> options_;
    PipeOptions pipe_;
    bool synchronised_ = true;
    std::map<unsigned, Client> clients_;
    std::map<std::string, std::string> names_;
    std::string transcript_;
};

Player::Player() {
    store::StoreOptions options;
    options.name = "test";
    options.path = (mail_.path() / "%u").string();
    store_ = value_or_throw(store::open_store(options));
    world_ = std::make_unique<ArchiveWorld>(*store_);
}

Player::~Player() = default;

ArchiveWorld& Player::world_for(const Script& script) {
    const bool all_mail = std::any_of(script.options.begin(), script.options.end(),
                                      [](const auto& option) { return option.first == "all_mail"; });
    if (!all_mail) return *world_;
    if (!all_mail_world_) all_mail_world_ = std::make_unique<ArchiveWorld>(*store_, "", ArchiveWorld::AllMail::on);
    return *all_mail_world_;
}

std::string Player::play(const Script& script, Way way) {
    Play play(*this, script, way, "ann" + std::to_string(++plays_));
    return play.run();
}

}  // namespace imaparc::test
