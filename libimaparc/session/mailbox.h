// The selected mailbox: the view whose numbers the client uses, and what of it the client has not been told yet.
//
// Numbers change in step() alone; flags may become newer in between (renew). The session's thread, or a worker while
// the session waits for it: what is marked "may wait" can read the database.
#pragma once

#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "base/flags.h"
#include "base/ids.h"
#include "base/number_set.h"
#include "index/index.h"
#include "index/view.h"

namespace imaparc::session {

// A change of flags that this session made itself, so that it need not be told of it again.
struct OwnChange {
    NumberSet uids;
    index::FlagAction action = index::FlagAction::add;
    FlagNames flags;
};

class Mailbox {
  public:
    enum class Access { read_write, read_only };
    // Whether messages may leave now (RFC 3501 7.4.1: not during FETCH, STORE and SEARCH by number).
    enum class Numbers { may_change, stay };
    struct News {
        std::vector<Number> expunged;        // in the order to send, each number as it is when it is sent
        NumberSet vanished;                  // the same as UIDs
        bool grown = false;                  // EXISTS is to be sent
        std::optional<NumberRange> arrived;  // the messages of view() with these UIDs are new to the client
        bool keywords_changed = false;
        NumberSet flags;  // UIDs whose flags the client does not know; still to be told
        bool empty() const { return expunged.empty() && !grown && !keywords_changed && flags.empty(); }
    };

    Mailbox(std::shared_ptr<index::Owner> owner, index::Folder folder, UserNumber user, Access access,
            std::shared_ptr<const index::View> view);

    index::Owner& owner() const { return *owner_; }
    const index::Folder& folder() const { return folder_; }
    UserNumber user() const { return user_; }
    Access access() const { return access_; }
    const std::shared_ptr<const index::View>& view() const { return view_; }

    // The latest view without waiting, or nullptr; latest() waits. unavailable; not_found: the folder is gone.
    std::shared_ptr<const index::View> latest_if_resident() const;
    Result<std::shared_ptr<const index::View>> latest() const;

    // Whether step() or renew() with this view would change nothing (never waits).
    bool up_to_date(const std::shared_ptr<const index::View>& latest, Numbers numbers) const;

    // The latest flags, the same messages; `own` has just been done by this session. May wait.
    void renew(const std::shared_ptr<const index::View>& latest, const OwnChange* own = nullptr);
    // The latest messages and flags. Where numbers must stay and messages are gone, the flags only. May wait.
    News step(const std::shared_ptr<const index::View>& latest, Numbers numbers);
    // Whether there are keywords that the client has not been told; it is told now.
    bool take_keywords_changed() { return std::exchange(keywords_untold_, false); }
    // The flags of these were sent just now.
    void told(const NumberSet& uids);

  private:
    void note_flags(const std::shared_ptr<const index::View>& before, const NumberSet& changed, const OwnChange* own);

    std::shared_ptr<index::Owner> owner_;
    index::Folder folder_;
    UserNumber user_;
    Access access_;
    std::shared_ptr<const index::View> view_;
    std::shared_ptr<const index::View> stepped_to_, renewed_to_;  // the latest views taken in last
    NumberSet untold_;                                            // UIDs
    bool keywords_untold_ = false;
};

}  // namespace imaparc::session
