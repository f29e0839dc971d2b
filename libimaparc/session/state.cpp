#include "session/state.h"

#include "session/contexts.h"
#include "session/notifier.h"

namespace imaparc::session {

namespace {

std::uint64_t most_non_synchronising(const Options& options) {
    return options.literals == Literals::minus ? literal_minus_octets : ~std::uint64_t{0};
}

imap::Lexer::Limits limits_after_login(const Options& options) {
    imap::Lexer::Limits limits;
    limits.command = options.command_octets;
    limits.literal = options.literal_octets;
    limits.discard = options.discard_octets;
    limits.non_synchronising = most_non_synchronising(options);
    return limits;
}

imap::Lexer::Limits limits_before_login(const Options& options) {
    imap::Lexer::Limits limits = imap::Lexer::Limits::before_login();
    limits.non_synchronising = most_non_synchronising(options);
    return limits;
}

}  // namespace

State::State(net::DeflateStream& s, Services& rooms, std::shared_ptr<const Options> settings, std::shared_ptr<Bell> b,
             Sessions::Entry& e)
    : stream(s),
      services(rooms),
      options(std::move(settings)),
      bell(std::move(b)),
      entry(e),
      out(s, rooms.metrics, options->write_octets, options->write_timeout),
      input(s, out, *bell, rooms.metrics, limits_before_login(*options)),
      began_(rooms.clock.steady()) {}

std::chrono::milliseconds State::patience() const {
    if (account_) return options->command_timeout;
    const auto spent = std::chrono::floor<std::chrono::milliseconds>(services.clock.steady() - began_);
    return std::max(options->login_timeout - spent, std::chrono::milliseconds(0));
}

imap::States State::phase() const {
    if (mailbox_) return imap::States::selected;
    return account_ ? imap::States::authenticated : imap::States::not_authenticated;
}

bool State::log_in(Account account) {
    if (!entry.log_in(account.identity.user, account.identity.owner, options->connections_per_user)) return false;
    account_ = std::move(account);
    input.lexer().limits(limits_after_login(*options));
    return true;
}

void State::log_out() {
    listeners.clear();
    contexts.reset();
    notifier.reset();
    bell->listen(false);
    deselect();
    account_.reset();
    entry.log_out();
    enabled = {};
    saved_result = {};
    language = Language::i_default;
    collation = search::Collation::unicode_casemap;
    input.lexer().limits(limits_before_login(*options));
    began_ = services.clock.steady();
}

void State::say(imap::Condition condition, const imap::StatusCode& code, std::string_view text) {
    imap::render_status_response(out.out(), "*", condition, code, in_language(language, text), text_form(language));
}

void State::select(std::unique_ptr<Mailbox> mailbox) {
    deselect();
    mailbox_ = std::move(mailbox);
    told_modseq_ = {};
    modseq_is_new_ = corrected_ = false;
    interest_ = std::make_unique<Interest>(services, account_->identity.owner, mailbox_->folder().number);
    entry.change([&](Who& who) { who.folder = mailbox_->folder().path; });
}

void State::deselect() {
    if (!mailbox_) return;
    saved_result = {};
    interest_.reset();
    mailbox_.reset();
    binary_bookmark = {};
    if (contexts) contexts->clear();
    entry.change([](Who& who) { who.folder.clear(); });
}

std::optional<Outcome> State::hidden() const {
    const auto& owner = account_->owner->name();
    if (!options->hide_while_resyncing || !services.resyncing || !services.resyncing(owner)) return std::nullopt;
    return not_synchronised(services.progress.of(owner));
}

std::optional<Outcome> State::not_readable() const {
    if (account_->owner->state() == index::OwnerState::ready) return hidden();
    return not_synchronised(services.progress.of(account_->owner->name()));
}

async::Task<Result<std::shared_ptr<const index::View>>> State::latest(FolderNumber folder) {
    index::Owner& owner = *account_->owner;
    const UserNumber user = account_->user;
    if (auto resident = owner.view_if_resident(folder, user)) co_return resident;
    auto view = co_await on_worker([&owner, folder, user] { return owner.view(folder, user); });
    // All Mail is not complete yet: how far that is.
    if (!view && view.error().kind == ErrorKind::unavailable && owner.state() == index::OwnerState::ready)
        if (const auto progress = services.progress.of(owner.name()))
            co_return Error{ErrorKind::unavailable, view.error().text + ": " + progress->text()};
    co_return view;
}

bool State::flags_can_change() const {
    return mailbox_ && mailbox_->access() == Mailbox::Access::read_write && options->flags == FlagsMode::private_flags;
}

void State::render_flags_of(const index::View& view) {
    imap::render_flags(out.out(), flag::kept | flag::deleted, view.keywords());
}

void State::render_permanent_flags_of(const index::View& view) {
    const bool change = flags_can_change();
    static const std::vector<std::string> none;
    say(imap::Condition::ok,
        imap::permanent_flags(change ? flag::kept : std::uint8_t{0}, change ? view.keywords() : none,
                              change ? imap::NewKeywords::allowed : imap::NewKeywords::refused),
        change ? "Flags are your own" : "Flags cannot be changed here");
}

void State::tell_keywords() {
    if (!mailbox_->take_keywords_changed()) return;
    render_flags_of(*mailbox_->view());
    render_permanent_flags_of(*mailbox_->view());
}

async::Task<void> State::renew() {
    const auto latest_view = co_await latest(mailbox_->folder().number);
    // Gone or not to be had now: the flags known last will do, announce() has the last word.
    if (!latest_view || mailbox_->up_to_date(*latest_view, Mailbox::Numbers::stay)) co_return;
    Mailbox& box = *mailbox_;
    co_await on_worker([&box, &view = *latest_view] { box.renew(view); });
}

}  // namespace imaparc::session
