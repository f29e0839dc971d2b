// GETQUOTA, GETQUOTAROOT (RFC 9208, RFC 2087): what the user's archive uses. Nothing limits it.
//
// One quota root, of all mailboxes. RFC 9208 4.2.1 would say "no limit" by leaving a resource out, but then its usage
// could not be said either; so the limit is the largest number there is (number64), which no usage reaches.
#include "imap/render_metadata.h"
#include "session/run.h"

namespace imaparc::session {

namespace {

constexpr std::string_view root = "archive";
constexpr std::uint64_t unit = 1024;  // octets, of STORAGE (RFC 9208 5.1)

// STORAGE is an estimate by its definition: messages whose size is not known yet count as the others do on average.
// Where no size is known it is left out; MESSAGE is exact.
std::vector<imap::QuotaResource> resources_of(const index::Usage& usage) {
    std::vector<imap::QuotaResource> resources;
    const std::uint64_t known = usage.messages - usage.messages_of_unknown_size;
    if (known != 0 || usage.messages == 0) {
        std::uint64_t octets = usage.octets;
        if (known != 0) octets += usage.octets / known * usage.messages_of_unknown_size;
        resources.push_back({"STORAGE", (octets + unit - 1) / unit});
    }
    resources.push_back({"MESSAGE", usage.messages});
    return resources;
}

async::Task<Outcome> tell_quota(State& state, const char* done) {
    if (auto hidden = state.not_readable()) co_return std::move(*hidden);
    index::Owner& owner = *state.account()->owner;
    const Result<index::Usage> usage = co_await state.on_worker([&owner] { return owner.usage(); });
    if (!usage) co_return outcome_of(usage.error());
    imap::render_quota(state.out.out(), root, resources_of(*usage));
    co_return ok(done);
}

}  // namespace

async::Task<Outcome> run_get_quota(State& state, const imap::GetQuota& command) {
    if (command.root != root) co_return no(imap::Code::nonexistent, "There is no such quota root");
    co_return co_await tell_quota(state, "GETQUOTA completed");
}

async::Task<Outcome> run_get_quota_root(State& state, const imap::GetQuotaRoot& command) {
    // The name need not be that of a mailbox (RFC 9208 4.1.2): all there could be would be under this root.
    if (!command.mailbox.valid) co_return no(imap::Code::nonexistent, "There is no such mailbox");
    if (auto hidden = state.not_readable()) co_return std::move(*hidden);
    imap::render_quota_root(state.out.out(), command.mailbox.path, state.names(), root);
    co_return co_await tell_quota(state, "GETQUOTAROOT completed");
}

}  // namespace imaparc::session
