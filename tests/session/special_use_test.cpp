#include "session/special_use.h"

#include <doctest/doctest.h>

#include <map>

using namespace imaparc;
using namespace imaparc::session;

namespace {

index::FolderList folders(const std::vector<std::string>& paths) {
    index::FolderList list;
    for (const auto& path : paths) {
        index::Folder folder;
        folder.number = FolderNumber(static_cast<std::uint32_t>(list.size() + 1));
        folder.path = path;
        list.push_back(folder);
    }
    return list;
}

std::map<std::string, std::string> given(const SpecialUse& special_use, const index::FolderList& list) {
    std::map<std::string, std::string> result;
    std::size_t last = 0;
    for (const auto& one : special_use.assign(list)) {
        CHECK(one.folder >= last);  // in the order of the list
        last = one.folder;
        result[list[one.folder].path] = imap::to_string(one.roles);
    }
    return result;
}
std::map<std::string, std::string> given(const std::vector<std::string>& paths) {
    return given(SpecialUse(), folders(paths));
}

using Given = std::map<std::string, std::string>;

}  // namespace

TEST_CASE("special use: what mail programs call their folders") {
    CHECK(given({"INBOX", "Archives", "Drafts", "Junk", "Sent", "Templates", "Trash"}) ==  // Thunderbird
          Given{{"Archives", "\\Archive"},
                {"Drafts", "\\Drafts"},
                {"Junk", "\\Junk"},
                {"Sent", "\\Sent"},
                {"Trash", "\\Trash"}});
    CHECK(given({"INBOX", "Archive", "Deleted Items", "Drafts", "Junk E-mail", "Outbox", "Sent Items"}) ==  // Outlook
          Given{{"Archive", "\\Archive"},
                {"Deleted Items", "\\Trash"},
                {"Drafts", "\\Drafts"},
                {"Junk E-mail", "\\Junk"},
                {"Sent Items", "\\Sent"}});
    CHECK(given({"INBOX", "Archiv", "Entwürfe", "Gelöschte Elemente", "Gesendete Elemente", "Junk-E-Mail"}) ==
          Given{{"Archiv", "\\Archive"},
                {"Entwürfe", "\\Drafts"},
                {"Gelöschte Elemente", "\\Trash"},
                {"Gesendete Elemente", "\\Sent"},
                {"Junk-E-Mail", "\\Junk"}});
    CHECK(given({"INBOX", "Deleted Messages", "Sent Messages"}) ==  // Apple Mail
          Given{{"Deleted Messages", "\\Trash"}, {"Sent Messages", "\\Sent"}});
    CHECK(given({"INBOX", "[Gmail]/All Mail", "[Gmail]/Drafts", "[Gmail]/Important", "[Gmail]/Sent Mail",
                 "[Gmail]/Spam", "[Gmail]/Starred", "[Gmail]/Trash"}) == Given{{"[Gmail]/All Mail", "\\All"},
                                                                               {"[Gmail]/Drafts", "\\Drafts"},
                                                                               {"[Gmail]/Important", "\\Important"},
                                                                               {"[Gmail]/Sent Mail", "\\Sent"},
                                                                               {"[Gmail]/Spam", "\\Junk"},
                                                                               {"[Gmail]/Starred", "\\Flagged"},
                                                                               {"[Gmail]/Trash", "\\Trash"}});
    CHECK(given({"INBOX", "[Google Mail]/Alle Nachrichten", "[Google Mail]/Entwürfe", "[Google Mail]/Markiert"}) ==
          Given{{"[Google Mail]/Alle Nachrichten", "\\All"},
                {"[Google Mail]/Entwürfe", "\\Drafts"},
                {"[Google Mail]/Markiert", "\\Flagged"}});
    CHECK(given({"INBOX", "Bozze", "Cestino", "Posta inviata"}) ==
          Given{{"Bozze", "\\Drafts"}, {"Cestino", "\\Trash"}, {"Posta inviata", "\\Sent"}});
    CHECK(given({"INBOX", "Borradores", "Elementos eliminados", "Enviados"}) ==
          Given{{"Borradores", "\\Drafts"}, {"Elementos eliminados", "\\Trash"}, {"Enviados", "\\Sent"}});
    CHECK(given({"INBOX", "Brouillons", "Corbeille", "Éléments envoyés", "Indésirables"}) ==
          Given{{"Brouillons", "\\Drafts"},
                {"Corbeille", "\\Trash"},
                {"Éléments envoyés", "\\Sent"},
                {"Indésirables", "\\Junk"}});
    CHECK(given({"INBOX", "Concepten", "Prullenbak", "Verzonden items", "Ongewenste e-mail"}) ==
          Given{{"Concepten", "\\Drafts"},
                {"Prullenbak", "\\Trash"},
                {"Verzonden items", "\\Sent"},
                {"Ongewenste e-mail", "\\Junk"}});
    CHECK(given({"INBOX", "Elementy usunięte", "Szkice", "Wysłane"}) ==
          Given{{"Elementy usunięte", "\\Trash"}, {"Szkice", "\\Drafts"}, {"Wysłane", "\\Sent"}});
}

TEST_CASE("special use: any case of letters, below the roots, nothing else") {
    CHECK(given({"INBOX", "SENT", "wysŁANE"}) == Given{{"SENT", "\\Sent"}});
    CHECK(given({"INBOX", "éLÉMENTS ENVOYÉS"}) == Given{{"éLÉMENTS ENVOYÉS", "\\Sent"}});
    CHECK(given({"INBOX", "INBOX/sent", "INBOX/Trash"}) == Given{{"INBOX/sent", "\\Sent"}, {"INBOX/Trash", "\\Trash"}});
    CHECK(
        given({"INBOX", "Projects/Sent", "2024/Drafts", "Sentry", "Resent", "Important", "Todos", "Starred"}).empty());
    CHECK(given({"INBOX"}).empty());
}

TEST_CASE("special use: of several the one nearest the root, then the preferred name") {
    CHECK(given({"INBOX", "INBOX/Sent", "Gesendet", "Sent Items"}) == Given{{"Sent Items", "\\Sent"}});
    CHECK(given({"INBOX", "INBOX/Trash", "Papierkorb"}) == Given{{"Papierkorb", "\\Trash"}});
    CHECK(given({"INBOX", "SENT", "Sent"}) == Given{{"SENT", "\\Sent"}});  // the first
    auto list = folders({"INBOX", "Sent", "INBOX/Sent"});
    list[1].selectable = false;
    CHECK(given(SpecialUse(), list) == Given{{"INBOX/Sent", "\\Sent"}});
}

TEST_CASE("special use: names that the administrator says") {
    RoleNames names;
    names[static_cast<std::size_t>(Role::sent)] = {"Ausgang/Alt", "Postausgang"};
    names[static_cast<std::size_t>(Role::drafts)] = {"postausgang"};
    names[static_cast<std::size_t>(Role::trash)] = {""};
    const SpecialUse special_use(names);
    const auto all = folders({"INBOX", "Ausgang/Alt", "Drafts", "Junk", "Postausgang", "Sent", "Trash"});
    CHECK(given(special_use, all) == Given{{"Junk", "\\Junk"}, {"Postausgang", "\\Drafts \\Sent"}});
    CHECK(given(special_use, folders({"INBOX", "ausgang/alt"})) == Given{{"ausgang/alt", "\\Sent"}});
}

TEST_CASE("special use: All Mail is \\All") {
    auto list = folders({"INBOX", "[Gmail]/All Mail", "Everything"});
    list[2].kind = index::FolderKind::all_mail;
    CHECK(given(SpecialUse(), list) == Given{{"Everything", "\\All"}});
}

TEST_CASE("special use: each name means one thing") {
    std::map<std::string_view, int> times;
    for (const auto role :
         {Role::all, Role::archive, Role::drafts, Role::flagged, Role::important, Role::junk, Role::sent, Role::trash})
        for (const auto name : usual_names(role)) ++times[name];
    for (const auto& entry : times) {
        CAPTURE(entry.first);
        CHECK(entry.second == 1);
    }
    CHECK(times.size() > 100);
}
