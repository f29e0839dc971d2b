// A change of an owner under way, as owner_commit.cpp (folders and messages) and owner_all_mail.cpp (All Mail) share
// it.
//
// Held by who has the owner's change_.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "index/ledger_owner.h"

namespace imaparc::index {

// One commit under way: records go to the ledger, to the facts to come and to the drafts at once.
class LedgerOwner::Committing {
  public:
    explicit Committing(LedgerOwner& owner)
        : owner_(owner),
          facts_(owner.facts_),
          source_(owner.source_),
          latest_(owner),
          drafts_(latest_, source_ ? static_cast<SegmentSource&>(*source_) : nothing_, ++owner.version_) {
        batch_.begin();
    }

    Result<void> folder(const FolderChange& change);
    Result<void> remove_folder(const std::string& path);
    Result<void> make_folder(const std::string& path, bool selectable);  // or brings it back
    bool empty() const { return records_ == 0 && !learned_; }
    Result<void> finish();
    void notify() const;

    // ---- owner_all_mail.cpp; where All Mail follows the ordinary folders
    Result<void> learn(FolderNumber folder, const std::vector<Learned>& messages);
    // What left the ordinary folders in this commit leaves All Mail, or is replaced by another copy of its content.
    Result<void> follow_removals();
    // All Mail becomes what it should be, whatever it was, and follows from now on.
    Result<void> settle_all_mail();

    Committed committed;

  private:
    // A new owner has nothing to be loaded.
    class NoSource : public SegmentSource {
      public:
        std::shared_ptr<const BaseSegment> base(FolderNumber, std::uint32_t, std::uint64_t) override { return nullptr; }
        std::shared_ptr<const BaseSegment> base_if_resident(FolderNumber, std::uint32_t, std::uint64_t) override {
            return nullptr;
        }
        std::shared_ptr<const OverlaySegment> overlay(FolderNumber, UserNumber, std::uint32_t, std::uint64_t) override {
            return nullptr;
        }
        std::shared_ptr<const OverlaySegment> overlay_if_resident(FolderNumber, UserNumber, std::uint32_t,
                                                                  std::uint64_t) override {
            return nullptr;
        }
        std::shared_ptr<const TombstoneSegment> tombstones(FolderNumber, std::uint32_t, std::uint64_t) override {
            return nullptr;
        }
    };

    SegmentSource& source() { return source_ ? static_cast<SegmentSource&>(*source_) : nothing_; }
    std::shared_ptr<const Base> base(const FolderFacts& folder) { return latest_.base_of(folder); }
    Result<void> add(const Record& record);
    Result<StoreNumber> store(const std::string& name);
    Result<void> add_messages(FolderNumber folder, ModSeq at, std::vector<const NewMessage*> messages);
    Result<void> bring_back(FolderNumber folder, ModSeq at, std::vector<std::pair<Uid, const NewMessage*>>& messages);
    Result<void> seed_keywords(FolderNumber folder, ModSeq at,
                               const std::vector<std::pair<Uid, const NewMessage*>>& messages);
    Result<StoredMessage> stored(Uid uid, ModSeq at, const NewMessage& message);

    // A message of an ordinary folder, and the UID it has, or is to have, in All Mail.
    struct Copy {
        FolderNumber folder;
        StoredMessage message;
        Uid shown_as;
    };
    struct Found {
        ContentKey content;
        Seconds date = 0;
        Source where;
    };
    struct Shown {
        Uid uid;
        Source source;
        std::uint8_t seed = 0;
    };
    const FolderFacts& all_mail() const { return facts_.folders.at(facts_.by_path.at(std::string(all_mail_path))); }
    ModSeq all_mail_modseq() const { return ModSeq{all_mail().highest_modseq.value + 1}; }
    Result<void> leave(ModSeq at, std::vector<std::uint32_t> uids);
    Result<void> show_again(ModSeq at, std::vector<Copy> copies);
    Result<void> show_new(ModSeq at, std::vector<Copy> copies);
    std::vector<Copy> read(const std::vector<std::pair<Source, Uid>>& wanted);
    template <class Visit>
    void for_each_ordinary(const Visit& visit);
    Result<void> mirror_flags(ModSeq at, std::vector<Shown> messages);
    Result<void> mirror_flags(ModSeq at, UserNumber user, std::vector<Shown>& messages);

    LedgerOwner& owner_;
    const Seconds now_ = owner_.core_->clock.now();
    Facts facts_;
    std::shared_ptr<DatabaseSource> source_;
    NoSource nothing_;
    Latest& latest_;
    Drafts drafts_;
    Batch batch_;
    std::uint64_t records_ = 0;
    bool learned_ = false;
    std::map<UserNumber, std::vector<std::string>> all_mail_keywords_;  // with those that this commit adds
    std::map<FolderNumber, std::vector<std::uint32_t>> removed_;        // from ordinary folders, in this commit
    std::vector<std::pair<Source, Uid>> placed_;  // what stands for what in All Mail after this commit; UID 0: nothing
    bool list_changed_ = false;
    std::set<FolderNumber> touched_;
    std::map<FolderNumber, std::vector<std::string>> owner_keywords_;  // with those that this commit adds
};

}  // namespace imaparc::index
