// SORT and THREAD, and their UID forms (RFC 5256, 5267, 5957, 6203).
#include <algorithm>
#include <array>

#include "imap/parse_search_program.h"
#include "imap/parsers.h"

namespace imaparc::imap {

namespace {

using By = search::SortKey::By;

struct Row {
    std::string_view name;
    By by;
};
constexpr std::array keys = {
    Row{"ARRIVAL", By::arrival},
    Row{"CC", By::cc},
    Row{"DATE", By::date},
    Row{"DISPLAYFROM", By::display_from},
    Row{"DISPLAYTO", By::display_to},
    Row{"FROM", By::from},
    Row{"RELEVANCY", By::relevancy},
    Row{"SIZE", By::size},
    Row{"SUBJECT", By::subject},
    Row{"TO", By::to},
};

// sort-criterion = ["REVERSE" SP] sort-key
search::SortKey sort_criterion(Cursor& cursor) {
    search::SortKey key;
    if (cursor.consume_if_word("REVERSE")) {
        key.reverse = true;
        cursor.space();
    }
    const auto row =
        std::find_if(keys.begin(), keys.end(), [&](const Row& r) { return cursor.consume_if_word(r.name); });
    if (row == keys.end())
        cursor.expected(
            "ARRIVAL, CC, DATE, DISPLAYFROM, DISPLAYTO, FROM, RELEVANCY, SIZE, SUBJECT or TO, with REVERSE before it "
            "or not");
    else
        key.by = row->by;
    return key;
}

}  // namespace

// sort = ["UID" SP] "SORT" SP sort-criteria SP search-criteria
// extended-sort = ["UID" SP] "SORT" search-return-opts SP sort-criteria SP search-criteria          (RFC 5267 5)
// sort-criteria = "(" sort-criterion *(SP sort-criterion) ")"
Command parse_sort(Cursor& cursor, const Verb& row) {
    Sort sort;
    sort.by = numbering(row);
    cursor.space();
    sort.returns = parse_return(cursor);
    cursor.expect('(');
    do {
        // One that was there before decides nothing, so the list stays short.
        const auto key = sort_criterion(cursor);
        if (std::ranges::none_of(sort.keys, [&](const auto& k) { return k.by == key.by; })) sort.keys.push_back(key);
    } while (!cursor.failed() && cursor.consume_if(' '));
    cursor.expect(')');
    cursor.space();
    sort.criteria = parse_search_keys(cursor, CharsetForm::mandatory);
    auto asked = sort.returns;  // "as with the RELEVANCY return option" (RFC 6203 6)
    if (std::ranges::any_of(sort.keys, [](const auto& key) { return key.by == By::relevancy; })) {
        if (!asked) asked.emplace();
        asked->relevancy = true;
    }
    check_return(cursor, asked, sort.criteria);
    cursor.end();
    return sort;
}

// thread = ["UID" SP] "THREAD" SP thread-alg SP search-criteria
Command parse_thread(Cursor& cursor, const Verb& row) {
    using Algorithm = search::ThreadAlgorithm;
    Thread thread;
    thread.by = numbering(row);
    cursor.space();
    if (cursor.consume_if_word("REFERENCES"))
        thread.algorithm = Algorithm::references;
    else if (cursor.consume_if_word("ORDEREDSUBJECT"))
        thread.algorithm = Algorithm::ordered_subject;
    else if (cursor.consume_if_word("REFS"))
        thread.algorithm = Algorithm::refs;
    else
        cursor.expected("ORDEREDSUBJECT, REFERENCES or REFS");
    cursor.space();
    thread.criteria = parse_search_keys(cursor, CharsetForm::mandatory);
    cursor.end();
    return thread;
}

}  // namespace imaparc::imap
