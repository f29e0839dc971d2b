// A connection's state, as the runners see it: who the client is, what is selected, and the ways to ask and to answer.
//
// Not authenticated -> authenticated (LOGIN, AUTHENTICATE) <-> selected (SELECT, EXAMINE; CLOSE, UNSELECT, a failed
// SELECT) -> logout (RFC 3501 3). The session's thread.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "imap/parse.h"
#include "net/deflate_stream.h"
#include "search/collation.h"
#include "session/bell.h"
#include "session/binary_reader.h"
#include "session/input.h"
#include "session/mailbox.h"
#include "session/outcome.h"
#include "session/responder.h"
#include "session/session.h"
#include "session/texts.h"

namespace imaparc::session {

// A folder that the synchronisation is asked to watch closely, until destroyed.
class Interest {
  public:
    Interest(const Services& services, std::string owner, FolderNumber folder)
        : services_(services), owner_(std::move(owner)), folder_(folder) {
        if (services_.watch) services_.watch(owner_, folder_);
    }
    ~Interest() {
        if (services_.unwatch) services_.unwatch(owner_, folder_);
    }
    Interest(const Interest&) = delete;
    Interest& operator=(const Interest&) = delete;

  private:
    const Services& services_;
    std::string owner_;
    FolderNumber folder_;
};

struct Account {
    auth::Identity identity;
    std::shared_ptr<index::Owner> owner;
    UserNumber user;
};

// What the client has switched on, by ENABLE (RFC 5161) or by using it; until UNAUTHENTICATE (RFC 8437).
struct Enabled {
    bool imap4rev2 = false;  // RFC 9051
    bool utf8 = false;       // RFC 6855
    bool condstore = false;  // RFC 7162; also by what RFC 7162 3.1 calls a CONDSTORE enabling command
    bool qresync = false;    // RFC 7162; implies condstore
    bool uid_only = false;   // RFC 9586
};

class NewsListener;  // session/news.h
class Contexts;      // session/contexts.h
class Notifier;      // session/notifier.h

class State {
  public:
    State(net::DeflateStream& stream, Services& services, std::shared_ptr<const Options> options,
          std::shared_ptr<Bell> bell, Sessions::Entry& entry);

    net::DeflateStream& stream;
    Services& services;
    const std::shared_ptr<const Options> options;
    const std::string message_limit = "MESSAGELIMIT=" + std::to_string(options->message_limit);  // RFC 9738
    const std::shared_ptr<Bell> bell;
    Sessions::Entry& entry;
    Responder out;
    Input input;

    std::string tag;  // of the command under way
    Enabled enabled;
    // How mailbox names are read and written.
    imap::NameForm names() const {
        return enabled.imap4rev2 || enabled.utf8 ? imap::NameForm::utf8 : imap::NameForm::modified_utf7;
    }
    BinaryBookmark binary_bookmark;  // where BINARY ended last; of the selected mailbox
    NumberSet saved_result;          // "$" (RFC 5182): UIDs, of the selected mailbox; what leaves it leaves this, too
    search::Collation collation = search::Collation::unicode_casemap;  // of SEARCH and SORT (RFC 5255 4.7)
    Language language = Language::i_default;                           // of the texts for people (RFC 5255 3)
    bool logging_out = false;                                          // LOGOUT was said
    unsigned refusals = 0;                                             // log-ins

    // ---- where the connection stands
    // How long to wait for the client: until the log-in's time is over, later the autologout (RFC 3501 5.4).
    std::chrono::milliseconds patience() const;
    imap::States phase() const;
    const std::optional<Account>& account() const { return account_; }
    // false: the user has as many connections as the bound allows; nothing is changed then.
    [[nodiscard]] bool log_in(Account account);
    // UNAUTHENTICATE (RFC 8437): nothing of the user is left, nor of what was switched on.
    void log_out();
    Mailbox* mailbox() const { return mailbox_.get(); }
    void select(std::unique_ptr<Mailbox> mailbox);
    void deselect();

    // ---- asking
    // Blocking work, off this thread. Replies gathered so far go out first: the work may take long.
    template <class Work>
    auto on_worker(Work work) -> async::Task<decltype(work())> {
        co_await out.flush();
        co_return co_await services.workers.run(std::move(work));
    }
    // NO [UNAVAILABLE] while the owner is being resynchronised and that is to hide it; else nullopt.
    std::optional<Outcome> hidden() const;
    // The same, or because the owner is not synchronised yet.
    std::optional<Outcome> not_readable() const;
    // The folder's latest view; `unavailable` and `not_found` as index::Owner has them.
    async::Task<Result<std::shared_ptr<const index::View>>> latest(FolderNumber folder);

    // An untagged status response; `text` is English, the client reads it in its language (texts.h).
    void say(imap::Condition condition, const imap::StatusCode& code, std::string_view text);

    // ---- answering about the selected mailbox
    // Tells what is new: EXPUNGE or VANISHED, EXISTS, FETCH (FLAGS). Ends the session if the folder is gone.
    async::Task<void> announce(Mailbox::Numbers numbers);
    std::vector<NewsListener*> listeners;  // who adds to it, in this order
    std::shared_ptr<Contexts> contexts;    // results that are kept up to date (RFC 5267), once there was one
    std::shared_ptr<Notifier> notifier;    // what NOTIFY asked for (RFC 5465), once it was said
    // A CONDSTORE enabling command was given (RFC 7162 3.1). The first one with a mailbox selected: HIGHESTMODSEQ.
    void enable_condstore();
    // The client read MODSEQs up to this one.
    void told_modseq(ModSeq highest);
    // Makes the view's flags the latest; numbers stay.
    async::Task<void> renew();
    // Names new keywords before a FETCH shows them (RFC 3501 7.2.6).
    void tell_keywords();
    void render_flags_of(const index::View& view);            // * FLAGS
    void render_permanent_flags_of(const index::View& view);  // * OK [PERMANENTFLAGS
    bool flags_can_change() const;                            // by this session, in the selected mailbox

  private:
    async::Task<void> announce_news(Mailbox::Numbers numbers);
    void correct_modseq();

    ModSeq told_modseq_;  // the highest MODSEQ the client read since SELECT
    bool modseq_is_new_ = false, corrected_ = false;
    std::chrono::steady_clock::time_point began_;  // of the time that there is for the log-in
    std::optional<Account> account_;
    std::unique_ptr<Mailbox> mailbox_;
    std::unique_ptr<Interest> interest_;
};

}  // namespace imaparc::session
