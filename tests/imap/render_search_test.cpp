#include "imap/render_search.h"

#include <doctest/doctest.h>

using namespace imaparc;
using namespace imaparc::imap;

TEST_CASE("ESEARCH: the examples of RFC 4731, 6203, 7162 and 9394") {
    std::string out;
    EsearchResponse response(out);
    response.begin("A282", Numbering::number);
    response.min(2);
    response.count(3);
    response.end();
    CHECK(out == "* ESEARCH (TAG \"A282\") MIN 2 COUNT 3\r\n");

    out.clear();
    response.begin("A285", Numbering::uid);
    response.min(7);
    response.max(3800);
    response.end();
    CHECK(out == "* ESEARCH (TAG \"A285\") UID MIN 7 MAX 3800\r\n");

    out.clear();
    response.begin("a", Numbering::number);
    response.all();
    response.range({1, 3});
    response.range({5, 5});
    response.modseq(ModSeq(1236));
    response.end();
    CHECK(out == "* ESEARCH (TAG \"a\") ALL 1:3,5 MODSEQ 1236\r\n");

    out.clear();
    response.begin("B1", Numbering::number);
    response.all();
    for (const std::uint32_t number : {1U, 5U, 10U}) response.range({number, number});
    response.relevancy();
    for (const std::uint8_t score : {4, 99, 42}) response.score(score);
    response.end_relevancy();
    response.end();
    CHECK(out == "* ESEARCH (TAG \"B1\") ALL 1,5,10 RELEVANCY (4 99 42)\r\n");

    out.clear();
    response.begin("A04", Numbering::uid);
    response.partial({24000, 24500});
    response.end_partial();
    response.end();
    CHECK(out == "* ESEARCH (TAG \"A04\") UID PARTIAL (24000:24500 NIL)\r\n");

    out.clear();
    response.begin("A01", Numbering::uid);
    response.partial({-1, -100});
    response.range({1, 4294967295});
    response.end_partial();
    response.relevancy();
    response.end_relevancy();
    response.end();
    CHECK(out == "* ESEARCH (TAG \"A01\") UID PARTIAL (-1:-100 1:4294967295) RELEVANCY ()\r\n");

    out.clear();
    response.begin("x", Numbering::number);
    response.end();
    CHECK(out == "* ESEARCH (TAG \"x\")\r\n");
}

TEST_CASE("SEARCH with MODSEQ; UIDBATCHES") {
    std::string out = "* SEARCH 2 5";
    render_search_modseq(out, ModSeq(917162500));
    CHECK(out == "* SEARCH 2 5 (MODSEQ 917162500)");

    out.clear();
    render_uid_batches_begin(out, "b1");
    render_uid_batch(out, 30, 20, true);
    render_uid_batch(out, 12, 5, false);
    render_uid_batch(out, 1, 1, false);
    render_uid_batches_end(out);
    CHECK(out == "* UIDBATCHES (TAG \"b1\") 30:20,12:5,1:1\r\n");

    out.clear();
    render_uid_batches_begin(out, "b3");
    render_uid_batches_end(out);
    CHECK(out == "* UIDBATCHES (TAG \"b3\")\r\n");
}
