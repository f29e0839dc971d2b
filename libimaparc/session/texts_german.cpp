// The catalog of the German texts. The first row that fits counts: where two do, the more particular stands first.
#include "session/texts.h"

namespace imaparc::session {

namespace {

constexpr std::pair<std::string_view, std::string_view> texts[] = {
    // ---- the connection
    {"Begin TLS negotiation now", "Jetzt TLS aushandeln"},
    {"TLS is active already", "TLS ist schon aktiv"},
    {"TLS is not available", "TLS gibt es hier nicht"},
    {"TLS is needed first", "Zuerst wird TLS gebraucht"},
    {"Nothing may be sent behind STARTTLS before TLS is up",
     "Hinter STARTTLS darf nichts gesendet werden, bevor TLS aktiv ist"},
    {"DEFLATE is active now", "Ab jetzt wird mit DEFLATE komprimiert"},
    {"DEFLATE is active already", "DEFLATE ist schon aktiv"},
    {"Only DEFLATE is known", "Bekannt ist nur DEFLATE"},
    {"Too many connections are compressed already", "Zu viele Verbindungen werden schon komprimiert"},
    {"Logging out", "Auf Wiedersehen"},
    {"You were idle too long", "Sie waren zu lange untätig"},
    {"You took too long to log in", "Die Anmeldung hat zu lange gedauert"},
    {"Too many bad commands", "Zu viele fehlerhafte Befehle"},
    {"Too many commands before log-in", "Zu viele Befehle vor der Anmeldung"},
    {"Too many log-ins were refused", "Zu viele Anmeldungen wurden abgelehnt"},
    {"Still here", "Noch da"},
    {"Expected DONE", "Erwartet wird DONE"},
    // elsewhere: imaparchd is stopping
    {"imaparchd is stopping", "imaparchd wird beendet"},
    // elsewhere: the listener changes; please connect again
    {"the listener changes; please connect again", "Der Zugang ändert sich; bitte neu verbinden"},
    // elsewhere: The rest of the command is too long to be read past
    {"The rest of the command is too long to be read past", "Der Rest des Befehls ist zu lang, um überlesen zu werden"},

    // ---- commands
    {"The command is not known", "Der Befehl ist unbekannt"},
    // elsewhere: Unknown command {}
    {"Unknown command {}", "Unbekannter Befehl {}"},
    {"The command is too long", "Der Befehl ist zu lang"},
    {"The command needs too much memory", "Der Befehl braucht zu viel Speicher"},
    {"The literal is too long", "Das Literal ist zu lang"},
    {"A literal of that size waits for our word: LITERAL- allows 4096 octets",
     "Ein Literal dieser Größe wartet auf unser Wort: LITERAL- erlaubt 4096 Bytes"},
    {"The charset is not known", "Der Zeichensatz ist unbekannt"},
    {"With UTF8=ACCEPT a search names no charset", "Mit UTF8=ACCEPT nennt eine Suche keinen Zeichensatz"},
    {"Message numbers may not be used, only UIDs", "Nachrichtennummern sind nicht erlaubt, nur UIDs"},
    {"Message numbers may not be used", "Nachrichtennummern sind nicht erlaubt"},
    {"The response is too long", "Die Antwort ist zu lang"},
    {"{} needs a log-in first", "{} geht erst nach der Anmeldung"},
    {"{} needs a selected mailbox", "{} geht erst mit einem geöffneten Postfach"},
    {"{}: you are logged in already", "{}: Sie sind schon angemeldet"},
    {"{}: this is a read-only archive", "{}: Dieses Archiv kann nur gelesen werden"},

    // ---- log-in
    {"Logged in", "Angemeldet"},
    {"Log-in needs TLS", "Die Anmeldung braucht TLS"},
    {"Log-in is not possible at the moment. Please try again later",
     "Die Anmeldung ist im Augenblick nicht möglich. Bitte versuchen Sie es später wieder"},
    {"User name or password is wrong", "Benutzername oder Kennwort ist falsch"},
    {"You have too many connections already", "Sie haben schon zu viele Verbindungen"},
    {"This mechanism is not supported", "Dieses Verfahren wird nicht unterstützt"},
    {"AUTHENTICATE cancelled", "AUTHENTICATE abgebrochen"},

    // ---- language and comparator
    {"The languages are listed", "Die Sprachen sind aufgezählt"},
    {"Now speaking this language", "Ab jetzt wird Deutsch gesprochen"},
    {"None of these languages is spoken here", "Keine dieser Sprachen wird hier gesprochen"},
    {"This comparator is active", "Dieser Vergleich gilt"},
    {"Now comparing in this way", "Ab jetzt wird so verglichen"},
    {"None of these comparators is known", "Keiner dieser Vergleiche ist bekannt"},

    // ---- the archive
    {"The archive cannot be read at the moment", "Das Archiv kann im Augenblick nicht gelesen werden"},
    {"The archive is being synchronised: just started. Please try again later",
     "Das Archiv wird synchronisiert: gerade begonnen. Bitte versuchen Sie es später wieder"},
    // elsewhere: The archive is being synchronised: waiting for its turn. Please try again later
    {"The archive is being synchronised: waiting for its turn. Please try again later",
     "Das Archiv wird synchronisiert, sobald es an der Reihe ist. Bitte versuchen Sie es später wieder"},
    // elsewhere: The archive is being synchronised: {} %, about {} s left. Please try again later
    {"The archive is being synchronised: {} %, about {} s left. Please try again later",
     "Das Archiv wird synchronisiert: {} %, noch etwa {} s. Bitte versuchen Sie es später wieder"},
    {"The archive is being synchronised: {}. Please try again later",
     "Das Archiv wird synchronisiert: {}. Bitte versuchen Sie es später wieder"},

    // ---- mailboxes
    {"There is no such mailbox", "Ein solches Postfach gibt es nicht"},
    {"This name only holds other mailboxes", "Unter diesem Namen gibt es nur andere Postfächer"},
    {"The selected mailbox is not there any more", "Das geöffnete Postfach gibt es nicht mehr"},
    {"The mailbox before is closed", "Das Postfach davor ist geschlossen"},
    {"The mailbox is open for reading only", "Das Postfach ist nur zum Lesen geöffnet"},
    {"Flags are your own", "Die Markierungen sind Ihre eigenen"},
    {"Flags cannot be changed here", "Markierungen können hier nicht geändert werden"},
    {"First unseen message", "Erste ungelesene Nachricht"},
    {"UIDs are valid", "Die UIDs gelten"},
    {"Predicted next UID", "Voraussichtlich nächste UID"},
    {"Highest mod-sequence", "Höchste Änderungsnummer"},
    {"Identifier of the mailbox", "Kennung des Postfachs"},
    {"EXPUNGE completed, nothing is removed from an archive",
     "EXPUNGE ausgeführt, aus einem Archiv wird nichts entfernt"},
    {"There is no such quota root", "Eine solche Kontingentwurzel gibt es nicht"},
    {"{} needs the right to administer the mailbox", "{} braucht das Recht, das Postfach zu verwalten"},

    // ---- messages
    {"Still searching", "Die Suche läuft noch"},
    {"Only the newest messages were looked at", "Nur die neuesten Nachrichten wurden durchsucht"},
    {"Only the newest messages were fetched", "Nur die neuesten Nachrichten wurden geholt"},
    {"Only the newest messages were stored", "Nur die neuesten Nachrichten wurden geändert"},
    {"ESEARCH completed for the newest messages of each mailbox",
     "ESEARCH für die neuesten Nachrichten jedes Postfachs ausgeführt"},
    {"No further updates", "Keine weiteren Mitteilungen"},
    {"Another search with UPDATE has that tag", "Eine andere Suche mit UPDATE hat diese Kennung"},
    {"No mailbox is selected", "Kein Postfach ist geöffnet"},
    {"A batch has at least {} messages", "Ein Stoß hat mindestens {} Nachrichten"},
    {"At most {} batches are told at once", "Höchstens {} Stöße werden auf einmal mitgeteilt"},
    {"The range of batches is reversed", "Der Bereich der Stöße ist verkehrt herum"},
    {"{} completed for the newest messages", "{} für die neuesten Nachrichten ausgeführt"},
    {"The range is too wide", "Der Bereich ist zu groß"},
    {"The result is too scattered to be saved", "Das Ergebnis ist zu verstreut, um gemerkt zu werden"},
    {"The messages are too many to be put in order", "Es sind zu viele Nachrichten, um sie zu ordnen"},
    {"All changes are told", "Alle Änderungen sind mitgeteilt"},
    {"Some changes are still to be told", "Einige Änderungen stehen noch aus"},
    {"The mailbox has no message with that number", "Das Postfach hat keine Nachricht mit dieser Nummer"},
    {"Some messages are not there any more", "Einige Nachrichten sind nicht mehr da"},
    {"{} message cannot be read at the moment", "{} Nachricht kann im Augenblick nicht gelesen werden"},
    {"{} messages cannot be read at the moment", "{} Nachrichten können im Augenblick nicht gelesen werden"},
    {"a message became shorter while it was read", "eine Nachricht wurde kürzer, während sie gelesen wurde"},
    {"Conditional STORE failed for some messages", "Bedingtes STORE misslang bei einigen Nachrichten"},
    {"{} needs ENABLE QRESYNC first", "{} braucht zuerst ENABLE QRESYNC"},

    {"A part is encoded in a way that is not known here: ask for its BODY",
     "Ein Teil ist auf eine Weise kodiert, die hier nicht bekannt ist: bitte sein BODY abrufen"},
    {"There are too many searches with UPDATE: cancel one", "Es gibt zu viele Suchen mit UPDATE: bitte eine beenden"},
    {"Results of YOUNGER and OLDER are not updated",
     "Ergebnisse von YOUNGER und OLDER werden nicht auf dem Stand gehalten"},
    {"The result is too large, or too scattered, to be updated",
     "Das Ergebnis ist zu groß oder zu verstreut, um auf dem Stand gehalten zu werden"},
    {"The result cannot be updated any more", "Das Ergebnis kann nicht weiter auf dem Stand gehalten werden"},
    {"\"$\" is named too often for what it holds", "\"$\" kommt für das, wofür es steht, zu oft vor"},
    {"More happened than can be told", "Es ist mehr geschehen, als gemeldet werden kann"},
    {"There is an event among them that is not known", "Darunter ist ein Ereignis, das nicht bekannt ist"},

    {"{} completed", "{} ausgeführt"},
};

}  // namespace

std::span<const std::pair<std::string_view, std::string_view>> german_texts() { return texts; }

}  // namespace imaparc::session
