// GETMETADATA (RFC 5464 4.2).
#include "session/annotations.h"
#include "session/roles.h"
#include "session/run.h"

namespace imaparc::session {

async::Task<Outcome> run_get_metadata(State& state, const imap::GetMetadata& command) {
    std::vector<imap::MetadataEntry> known;
    if (command.mailbox.path.empty()) {
        known = server_annotations(*state.options);
    } else {
        const Result<index::Folder> folder = find_folder(state, command.mailbox);
        if (!folder) co_return outcome_of(folder.error());
        known = mailbox_annotations(roles_of(state, *folder));
    }
    const auto asked = asked_entries(known, command.entries, command.depth, command.max_size);
    // What is asked of a mailbox in whatever case is answered under the name it has.
    imap::render_metadata(state.out.out(), command.mailbox.path, state.names(), asked.entries);
    if (asked.longest != 0)
        co_return ok("GETMETADATA completed", {imap::Code::metadata, "LONGENTRIES " + std::to_string(asked.longest)});
    co_return ok("GETMETADATA completed");
}

}  // namespace imaparc::session
