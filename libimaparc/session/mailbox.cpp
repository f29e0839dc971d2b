#include "session/mailbox.h"

#include "base/text.h"
#include "session/sets.h"
#include "session/walk.h"

namespace imaparc::session {

namespace {

std::uint64_t keyword_bits(const std::vector<std::string>& table, const std::vector<std::string>& names) {
    std::uint64_t bits = 0;
    for (std::size_t bit = 0; bit < table.size() && bit < 64; ++bit)
        for (const auto& name : names)
            if (ascii_iequals(table[bit], name)) bits |= std::uint64_t{1} << bit;
    return bits;
}

FlagBits changed_by(FlagBits flags, index::FlagAction action, std::uint8_t system, std::uint64_t keywords) {
    switch (action) {
        case index::FlagAction::replace:
            return {system, keywords};
        case index::FlagAction::add:
            return {static_cast<std::uint8_t>(flags.system | system), flags.keywords | keywords};
        case index::FlagAction::remove:
            return {static_cast<std::uint8_t>(flags.system & ~system), flags.keywords & ~keywords};
    }
    return flags;
}

}  // namespace

Mailbox::Mailbox(std::shared_ptr<index::Owner> owner, index::Folder folder, UserNumber user, Access access,
                 std::shared_ptr<const index::View> view)
    : owner_(std::move(owner)),
      folder_(std::move(folder)),
      user_(user),
      access_(access),
      view_(std::move(view)),
      stepped_to_(view_),
      renewed_to_(view_) {}

std::shared_ptr<const index::View> Mailbox::latest_if_resident() const {
    return owner_->view_if_resident(folder_.number, user_);
}

Result<std::shared_ptr<const index::View>> Mailbox::latest() const { return owner_->view(folder_.number, user_); }

bool Mailbox::up_to_date(const std::shared_ptr<const index::View>& latest, Numbers numbers) const {
    return (numbers == Numbers::stay ? renewed_to_ : stepped_to_) == latest;
}

void Mailbox::renew(const std::shared_ptr<const index::View>& latest, const OwnChange* own) {
    if (renewed_to_ == latest) return;
    const auto before = view_;
    index::Step step = index::step(before, latest);
    if (step.expunged.empty() && !step.grown) {
        stepped_to_ = latest;  // nothing but flags: that is all there is to tell
    } else {
        step = index::step(before, index::renewed(before, latest));
    }
    keywords_untold_ |= step.keywords_changed;
    view_ = std::move(step.view);
    renewed_to_ = latest;
    note_flags(before, step.flags_changed, own);
}

Mailbox::News Mailbox::step(const std::shared_ptr<const index::View>& latest, Numbers numbers) {
    News news;
    if (!up_to_date(latest, numbers)) {
        index::Step step = index::step(view_, latest);
        if (numbers == Numbers::stay && !step.expunged.empty()) {
            renew(latest);
        } else {
            keywords_untold_ |= step.keywords_changed;
            untold_ = united(without(untold_, step.vanished), step.flags_changed);
            const Uid known = view_->uid_next();
            view_ = std::move(step.view);
            stepped_to_ = renewed_to_ = latest;
            news.expunged = std::move(step.expunged);
            news.vanished = std::move(step.vanished);
            news.grown = step.grown;
            // What came back below is not to be seen yet (index/view.h, step).
            if (news.grown) news.arrived = NumberRange{known.value, view_->last_uid().value};
        }
    }
    news.keywords_changed = take_keywords_changed();
    news.flags = untold_;
    return news;
}

void Mailbox::told(const NumberSet& uids) {
    if (!untold_.empty()) untold_ = without(untold_, uids);
}

// All that changed is untold, but for messages that have now just what `own` makes of what they had.
void Mailbox::note_flags(const std::shared_ptr<const index::View>& before, const NumberSet& changed,
                         const OwnChange* own) {
    if (changed.empty()) return;
    if (!own) {
        untold_ = united(untold_, changed);
        return;
    }
    const std::uint8_t system = own->flags.system & flag::kept;
    const std::uint64_t keywords = keyword_bits(view_->keywords(), own->flags.keywords);
    const NumberSet theirs = without(changed, own->uids);
    const NumberSet mine = without(changed, theirs);
    NumberSet other;
    // Both walks name the same messages: renew() keeps them.
    Walk was(before, mine, Walk::By::uid), is(view_, mine, Walk::By::uid);
    std::vector<std::pair<Uid, FlagBits>> expected;
    while (was.next(Waiting::allowed) == Walk::Step::block)
        for (const auto& picked : was.picked())
            expected.emplace_back(was.rows().uid(picked.row),
                                  changed_by(was.rows().flags(picked.row), own->action, system, keywords));
    auto at = expected.begin();
    while (is.next(Waiting::allowed) == Walk::Step::block)
        for (const auto& picked : is.picked()) {
            const Uid uid = is.rows().uid(picked.row);
            while (at != expected.end() && at->first < uid) ++at;
            if (at == expected.end() || at->first != uid || at->second != is.rows().flags(picked.row))
                other.add(uid.value);
        }
    untold_ = united(untold_, united(theirs, other));
}

}  // namespace imaparc::session
