// The ctl's end of the control socket. Blocks.
//
// One thread at a time.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "base/error.h"
#include "base/file.h"
#include "control/codec.h"
#include "control/verbs.h"

namespace imaparc::control {

class Client {
  public:
    // not_found: no daemon (no socket, or nobody answers on it); denied: the socket is not for this user.
    static Result<Client> connect(const std::filesystem::path& socket);

    // The answer, or the daemon's error. unavailable: the connection broke, or `timeout` went by without a word.
    template <class Request>
    auto ask(const Request& request, std::chrono::milliseconds timeout = std::chrono::seconds(60))
        -> Result<typename decltype(VerbOf<Request>::row)::AnswerType> {
        return ask(request, timeout, [](const boost::json::value&) {});
    }
    // The same with the events on the way.
    template <class Request>
    auto ask(const Request& request, std::chrono::milliseconds timeout,
             const std::function<void(const boost::json::value& event)>& on_event)
        -> Result<typename decltype(VerbOf<Request>::row)::AnswerType> {
        auto json = exchange(VerbOf<Request>::row.name, to_json(request), timeout, on_event);
        if (!json) return json.error();
        typename decltype(VerbOf<Request>::row)::AnswerType answer;
        if (auto read = from_json(*json, answer); !read) return read.error();
        return answer;
    }

    Result<boost::json::value> exchange(const std::string& verb, const boost::json::value& request,
                                        std::chrono::milliseconds timeout,
                                        const std::function<void(const boost::json::value& event)>& on_event);

  private:
    explicit Client(File socket) : socket_(std::move(socket)) {}
    Result<void> send(std::string_view bytes, std::chrono::milliseconds timeout);
    Result<std::string> receive_line(std::chrono::milliseconds timeout);

    File socket_;
    std::string received_;
};

}  // namespace imaparc::control
