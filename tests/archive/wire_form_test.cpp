#include "archive/wire_form.h"

#include <doctest/doctest.h>

#include <random>
#include <string>

#include "helpers/wire_model.h"

using namespace imaparc::archive;

TEST_CASE("any bytes, cut anywhere, as the plain way has it") {
    const auto seed = std::random_device()();
    CAPTURE(seed);
    std::mt19937 random(seed);
    static const std::string pieces[] = {"\r\n", "\n",     "\r",   std::string(1, '\0'), "a",
                                         "text", "\r\r\n", "\n\n", std::string(200, 'l')};
    for (int round = 0; round < 3000; ++round) {
        std::string raw;
        for (auto n = random() % 30; n > 0; --n) raw += pieces[random() % std::size(pieces)];
        const auto wanted = imaparc::test::wire_form(raw);
        WireForm form(WireForm::Nul::replace), other(WireForm::Nul::none);
        std::string made;
        std::size_t taken = 0, passed = 0, passed_taken = 0;
        while (made.size() < wanted.size()) {
            char out[16];
            const auto in = raw.substr(taken, random() % 9);
            const auto step = form.convert(in, std::span(out, random() % sizeof out));
            REQUIRE(step.taken <= in.size());
            taken += step.taken;
            made.append(out, step.made);
        }
        CHECK(made == wanted);
        while (passed < wanted.size()) {
            const auto step = other.pass_over(std::string_view(raw).substr(passed_taken), 1 + random() % 9);
            passed_taken += step.taken;
            passed += step.made;
        }
        CHECK(passed == wanted.size());
    }
}

TEST_CASE("begun in the middle") {
    char out[8];
    WireForm form(WireForm::Nul::none);
    form.start_behind('\r');
    CHECK(form.convert("\na", out).made == 2);
    form.start_behind('x');
    CHECK(form.convert("\na", out).made == 3);
}
