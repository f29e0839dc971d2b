#include "session/special_use.h"

#include <algorithm>
#include <optional>

#include "base/text.h"
#include "imap/names.h"
#include "message/text.h"

namespace imaparc::session {

namespace {

using namespace std::string_view_literals;

// Outlook and Exchange, Thunderbird, Apple Mail, Gmail (what its IMAP shows below "[Gmail]"), GMX, Yahoo, Dovecot and
// pine. Words that people also use for folders of their own ("Todos", "Important") count below "[Gmail]" alone.
constexpr std::array all_names = {
    "All Mail"sv,
    "[Gmail]/Alle Nachrichten"sv,
    "[Gmail]/Tous les messages"sv,
    "[Gmail]/Todos"sv,
    "[Gmail]/Tutti i messaggi"sv,
    "[Gmail]/Alle berichten"sv,
    "[Gmail]/Wszystkie"sv,
    "[Gmail]/Alle e-mail"sv,
    "[Gmail]/Todo el correo"sv,
    "[Gmail]/Tutta la posta"sv,
};
constexpr std::array archive_names = {
    "Archive"sv, "Archives"sv, "Archiv"sv, "Archivo"sv, "Archivados"sv, "Archivio"sv, "Archief"sv, "Archiwum"sv,
};
constexpr std::array drafts_names = {
    "Drafts"sv,    "Draft"sv,          "Entwürfe"sv,      "Brouillons"sv, "Borradores"sv, "Bozze"sv,
    "Concepten"sv, "Wersje robocze"sv, "Kopie robocze"sv, "Szkice"sv,     "Robocze"sv,
};
constexpr std::array flagged_names = {
    "Flagged"sv,
    "[Gmail]/Starred"sv,
    "[Gmail]/Markiert"sv,
    "[Gmail]/Suivis"sv,
    "[Gmail]/Destacados"sv,
    "[Gmail]/Speciali"sv,
    "[Gmail]/Met ster"sv,
    "[Gmail]/Oznaczone gwiazdką"sv,
};
constexpr std::array important_names = {
    "[Gmail]/Important"sv,  "[Gmail]/Wichtig"sv,    "[Gmail]/Importants"sv, "[Gmail]/Importantes"sv,
    "[Gmail]/Importanti"sv, "[Gmail]/Belangrijk"sv, "[Gmail]/Ważne"sv,
};
constexpr std::array junk_names = {
    "Junk"sv,
    "Junk E-mail"sv,
    "Junk Email"sv,
    "Junk Mail"sv,
    "Spam"sv,
    "Bulk Mail"sv,
    "Bulk"sv,
    "Junk-E-Mail"sv,
    "Spamverdacht"sv,
    "Unerwünscht"sv,
    "Unerwünschte Werbung"sv,
    "Courrier indésirable"sv,
    "Indésirables"sv,
    "Pourriel"sv,
    "Correo no deseado"sv,
    "Correo basura"sv,
    "No deseado"sv,
    "Posta indesiderata"sv,
    "Indesiderata"sv,
    "Ongewenste e-mail"sv,
    "Ongewenste berichten"sv,
    "Ongewenst"sv,
    "Wiadomości-śmieci"sv,
    "Wiadomości śmieci"sv,
    "Niechciane"sv,
    "Śmieci"sv,
};
constexpr std::array sent_names = {
    "Sent"sv,
    "Sent Items"sv,
    "Sent Messages"sv,
    "Sent Mail"sv,
    "sent-mail"sv,
    "SentMail"sv,
    "Gesendet"sv,
    "Gesendete Elemente"sv,
    "Gesendete Objekte"sv,
    "Gesendete Nachrichten"sv,
    "Envoyés"sv,
    "Éléments envoyés"sv,
    "Messages envoyés"sv,
    "Enviados"sv,
    "Elementos enviados"sv,
    "Mensajes enviados"sv,
    "Posta inviata"sv,
    "Inviata"sv,
    "Inviati"sv,
    "Messaggi inviati"sv,
    "Verzonden"sv,
    "Verzonden items"sv,
    "Verzonden berichten"sv,
    "Wysłane"sv,
    "Elementy wysłane"sv,
    "Wysłane wiadomości"sv,
};
constexpr std::array trash_names = {
    "Trash"sv,
    "Deleted Items"sv,
    "Deleted Messages"sv,
    "Deleted"sv,
    "Bin"sv,
    "Papierkorb"sv,
    "Gelöschte Elemente"sv,
    "Gelöschte Objekte"sv,
    "Gelöscht"sv,
    "Corbeille"sv,
    "Éléments supprimés"sv,
    "Messages supprimés"sv,
    "Papelera"sv,
    "Elementos eliminados"sv,
    "Mensajes eliminados"sv,
    "Cestino"sv,
    "Posta eliminata"sv,
    "Messaggi eliminati"sv,
    "Prullenbak"sv,
    "Prullenmand"sv,
    "Verwijderde items"sv,
    "Verwijderde berichten"sv,
    "Kosz"sv,
    "Elementy usunięte"sv,
    "Usunięte"sv,
};

constexpr std::array<Role, role_count> roles = {Role::all,       Role::archive, Role::drafts, Role::flagged,
                                                Role::important, Role::junk,    Role::sent,   Role::trash};

// What stands below one of the folders that some servers put all others into; nullopt: it does not.
std::optional<std::string_view> below_root_folder(std::string_view path) {
    for (const auto root : {"INBOX/"sv, "[Gmail]/"sv, "[Google Mail]/"sv})
        if (path.size() > root.size() && ascii_iequals(path.substr(0, root.size()), root))
            return path.substr(root.size());
    return std::nullopt;
}

std::size_t levels_of(std::string_view path) {
    return static_cast<std::size_t>(std::ranges::count(path, imap::delimiter)) + 1;
}

}  // namespace

imap::MailboxAttribute attribute_of(Role role) {
    switch (role) {
        case Role::all:
            return imap::MailboxAttribute::all;
        case Role::archive:
            return imap::MailboxAttribute::archive;
        case Role::drafts:
            return imap::MailboxAttribute::drafts;
        case Role::flagged:
            return imap::MailboxAttribute::flagged;
        case Role::important:
            return imap::MailboxAttribute::important;
        case Role::junk:
            return imap::MailboxAttribute::junk;
        case Role::sent:
            return imap::MailboxAttribute::sent;
        case Role::trash:
            return imap::MailboxAttribute::trash;
    }
    return imap::MailboxAttribute::all;
}

std::span<const std::string_view> usual_names(Role role) {
    switch (role) {
        case Role::all:
            return all_names;
        case Role::archive:
            return archive_names;
        case Role::drafts:
            return drafts_names;
        case Role::flagged:
            return flagged_names;
        case Role::important:
            return important_names;
        case Role::junk:
            return junk_names;
        case Role::sent:
            return sent_names;
        case Role::trash:
            return trash_names;
    }
    return {};
}

SpecialUse::SpecialUse(const RoleNames& names) {
    for (const Role role : roles) {
        std::uint32_t preference = 0;
        const auto add = [&](std::string_view name) {
            if (!name.empty()) names_.emplace(message::casemap(name), Fit{role, preference++});
            most_levels_ = std::max(most_levels_, levels_of(name));
        };
        const auto& said = names[static_cast<std::size_t>(role)];
        for (const auto& name : said) add(name);
        if (said.empty())
            for (const auto name : usual_names(role)) add(name);
    }
}

std::vector<SpecialUse::Given> SpecialUse::assign(const index::FolderList& folders) const {
    struct Best {
        std::size_t levels = 0, folder = 0;
        std::uint32_t preference = 0;
    };
    std::array<std::optional<Best>, role_count> best;
    std::string folded;
    const auto consider = [&](std::size_t folder, std::size_t levels, std::string_view name) {
        folded = ascii_only(name) ? ascii_upper(name) : message::casemap(name);
        const auto [first, end] = names_.equal_range(std::string_view(folded));
        for (auto fit = first; fit != end; ++fit) {
            const Best candidate{levels, folder, fit->second.preference};
            auto& place = best[static_cast<std::size_t>(fit->second.role)];
            if (!place ||
                std::pair(candidate.levels, candidate.preference) < std::pair(place->levels, place->preference))
                place = candidate;
        }
    };
    std::optional<std::size_t> all_mail;
    for (std::size_t i = 0; i < folders.size(); ++i) {
        const auto& folder = folders[i];
        if (!folder.selectable) continue;
        if (folder.kind == index::FolderKind::all_mail) all_mail = i;
        const auto levels = levels_of(folder.path);
        if (levels <= most_levels_) consider(i, levels, folder.path);
        const auto below = below_root_folder(folder.path);
        if (below && levels_of(*below) <= most_levels_) consider(i, levels, *below);
        // "[Google Mail]" is what Gmail called itself in some countries.
        if (below && ascii_iequals(folder.path.substr(0, 8), "[Google "))
            consider(i, levels, "[Gmail]/" + std::string(*below));
    }
    if (all_mail) best[static_cast<std::size_t>(Role::all)] = Best{0, *all_mail, 0};

    std::vector<Given> given;
    for (const Role role : roles)
        if (const auto& place = best[static_cast<std::size_t>(role)])
            given.push_back({place->folder, imap::MailboxAttributes{attribute_of(role)}});
    std::ranges::stable_sort(given, {}, &Given::folder);
    for (std::size_t i = 1; i < given.size();) {  // one folder with several roles
        if (given[i].folder == given[i - 1].folder) {
            given[i - 1].roles.add(given[i].roles);
            given.erase(given.begin() + static_cast<std::ptrdiff_t>(i));
        } else {
            ++i;
        }
    }
    return given;
}

}  // namespace imaparc::session
