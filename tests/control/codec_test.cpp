#include "control/codec.h"

#include <doctest/doctest.h>

#include <random>
#include <set>

using namespace imaparc;
using namespace imaparc::control;

namespace {

template <class T>
T through_text(const T& value) {
    const auto line = write_answer(to_json(value));
    CHECK(line.ends_with('\n'));
    CHECK(line.find('\n') == line.size() - 1);
    const auto read = read_answer(std::string_view(line).substr(0, line.size() - 1));
    REQUIRE(read);
    T back;
    const auto decoded = from_json(read->value, back);
    REQUIRE_MESSAGE(decoded, decoded.error().text);
    return back;
}

boost::json::value parsed(const std::string& request) {
    const auto line = read_request("{\"version\":1,\"verb\":\"x\",\"request\":" + request + "}");
    REQUIRE_MESSAGE(line, line.error().text);
    return line->request;
}

}  // namespace

TEST_CASE("codec: a whole answer there and back") {
    StatusAnswer status;
    status.version = "0.1.0";
    status.pid = 1U << 31;
    status.started = -5;
    status.listener.port = 65535;
    status.listener.addresses = {"0.0.0.0:44143", "[::]:44143"};
    status.stores = {{"2024", "maildir", "/srv/%u", true, false, "", 7}};
    status.owners.resize(2);
    status.owners[0].owner = "\xC3\xA4nne \"quoted\" \\ \n line";
    status.owners[0].percent = 37;
    status.owners[0].rate = 1234.5;
    status.messages = 18446744073709551615ULL;
    status.counters = {{"logins_total", 3}};
    status.warnings = {"a", "b"};
    const auto back = through_text(status);
    CHECK(to_text(to_json(back)) == to_text(to_json(status)));
    CHECK(back.owners[0].owner == status.owners[0].owner);
    CHECK(back.owners[0].percent == 37);
    CHECK_FALSE(back.owners[1].percent);
    CHECK(back.messages == status.messages);
    CHECK(back.started == -5);
    CHECK(back.stores[0].available);
    CHECK_FALSE(back.hidden_by_window);
}

TEST_CASE("codec: the documented schema: members under their own names, null for what is not known") {
    IndexMessage message;
    message.uid = 7;
    message.flags = {"\\Seen"};
    CHECK(to_text(to_json(message)) ==
          R"({"uid":7,"id":"","size":null,"date":0,"flags":["\\Seen"],"store":"","visible":""})");
    CHECK(write_request("status", to_json(StatusRequest{})) == "{\"version\":1,\"verb\":\"status\",\"request\":{}}\n");
    CHECK(write_error({ErrorKind::conflict, "taken"}) ==
          "{\"version\":1,\"error\":{\"kind\":\"conflict\",\"text\":\"taken\"}}\n");
    IndexCheckAnswer answer;
    answer.findings = {{"error", "ann", "INBOX", "x"}};
    CHECK(to_pretty_text(to_json(answer)) ==
          "{\n  \"findings\": [\n    {\n      \"weight\": \"error\",\n      \"owner\": \"ann\",\n      \"folder\": "
          "\"INBOX\",\n"
          "      \"text\": \"x\"\n    }\n  ]\n}\n");
    CHECK(to_pretty_text(to_json(IndexCheckAnswer{})) == "{\n  \"findings\": []\n}\n");
}

TEST_CASE("codec: bytes that are no UTF-8 do not break the line") {
    IndexFolder folder;
    folder.path =
        "a\xFF"
        "b";
    const auto line = write_answer(to_json(folder));
    CHECK(line.find("a\\\\xFFb") != std::string::npos);
    CHECK(read_answer(std::string_view(line).substr(0, line.size() - 1)));
}

TEST_CASE("codec: missing members keep defaults, unknown ones are ignored, wrong ones are named") {
    ResyncRequest request;
    REQUIRE(from_json(parsed("{\"later\":[1,2]}"), request));
    CHECK_FALSE(request.user);
    REQUIRE(from_json(parsed("{\"user\":\"ann\",\"store\":null,\"wait\":true}"), request));
    CHECK(request.user == "ann");
    CHECK(request.wait);
    CHECK(from_json(parsed("{\"user\":3}"), request).error().text == "user must be a text");
    CHECK(from_json(parsed("{\"wait\":1}"), request).error().text == "wait must be true or false");
    CHECK(from_json(parsed("[]"), request).error().text == "it must be an object");
    IndexMessagesRequest messages;
    CHECK(from_json(parsed("{\"after\":-1}"), messages).error().text == "after must be a whole number, not negative");
    CHECK_FALSE(from_json(parsed("{\"after\":1.5}"), messages));
    CHECK(from_json(parsed("{\"after\":18446744073709551615}"), messages));
    CHECK_FALSE(from_json(parsed("{\"after\":18446744073709551616}"), messages));
    ListenerStatus listener;
    CHECK(from_json(parsed("{\"port\":65536}"), listener).error().text == "port must be a smaller number");
    CHECK(from_json(parsed("{\"addresses\":\"x\"}"), listener).error().text == "addresses must be a list");
}

TEST_CASE("codec: lines that are not ours") {
    for (const auto* line :
         {"", "{", "[]", "3", "null", "\"x\"", "{}", "{\"version\":\"1\",\"verb\":\"x\"}", "{\"version\":1}",
          "{\"version\":1,\"verb\":3}", "{\"version\":2,\"verb\":\"status\"}", "{\"version\":1,\"verb\":\"x\"} x",
          "{\"version\":1,\"verb\":\"\xFF\"}", "GET / HTTP/1.1\r"})
        CHECK_MESSAGE(!read_request(line), line);
    CHECK(read_request("{\"version\":2,\"verb\":\"x\"}").error().text.find("version 2") != std::string::npos);
    CHECK(read_request("{\"version\":1,\"verb\":\"status\"}"));
    CHECK_FALSE(read_answer("{\"version\":1}"));
    CHECK_FALSE(read_answer("{\"version\":1,\"error\":\"x\"}"));
    CHECK_FALSE(read_answer("{\"version\":1,\"error\":{}}"));
    CHECK(read_answer("{\"version\":1,\"error\":{\"kind\":\"limit\",\"text\":\"t\"}}")->error.kind == ErrorKind::limit);
    CHECK(read_answer("{\"version\":1,\"error\":{\"kind\":\"of 2031\",\"text\":\"t\"}}")->error.kind == ErrorKind::io);
}

TEST_CASE("codec: depth and size are bounded") {
    const auto nested = [](int depth) {
        return "{\"version\":1,\"verb\":\"x\",\"request\":" + std::string(static_cast<std::size_t>(depth), '[') +
               std::string(static_cast<std::size_t>(depth), ']') + "}";
    };
    CHECK(read_request(nested(10)));
    CHECK_FALSE(read_request(nested(20)));
    CHECK_FALSE(read_request(nested(100000)));
    CHECK(read_request(std::string(request_limit + 1, ' ')).error().kind == ErrorKind::limit);
}

TEST_CASE("codec: random lines do no harm, and what is taken is a fixed point") {
    const unsigned seed = std::random_device{}();
    CAPTURE(seed);
    std::mt19937 random(seed);
    const std::string good = write_request("resync", to_json(ResyncRequest{"ann", "2024", true, false}));
    for (int round = 0; round < 20000; ++round) {
        std::string line = good.substr(0, good.size() - 1);
        for (auto n = 1 + random() % 4; n > 0; --n) {
            const auto at = random() % line.size();
            switch (random() % 3) {
                case 0:
                    line[at] = static_cast<char>(random());
                    break;
                case 1:
                    line.erase(at, 1 + random() % 5);
                    break;
                default:
                    line.insert(at, 1, "{}[]\",:\\0n1"[random() % 11]);
                    break;
            }
            if (line.empty()) break;
        }
        const auto read = read_request(line);
        if (!read) {
            CHECK_FALSE(read.error().text.empty());
            continue;
        }
        ResyncRequest request;
        if (!from_json(read->request, request)) continue;
        ResyncRequest again;
        CHECK(from_json(to_json(request), again));
        CHECK(again.user == request.user);
        CHECK(again.wait == request.wait);
    }
}

TEST_CASE("verbs: each has a name of its own and a word on what it does") {
    std::set<std::string> names;
    for_each_verb([&](auto verb) {
        CHECK(names.insert(verb.name).second);
        CHECK(std::string_view(verb.brief).size() > 5);
        // Every request reads from nothing at all.
        typename decltype(verb)::RequestType request;
        CHECK(from_json(boost::json::value(boost::json::object()), request));
        typename decltype(verb)::AnswerType answer;
        CHECK(from_json(to_json(answer), answer));
    });
    CHECK(names.size() == 11);
}
