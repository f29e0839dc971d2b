// tests/messages: each NNN.eml against NNN.envelope and NNN.bodystructure.
#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "base/file.h"
#include "helpers/imap_value.h"
#include "helpers/summary_check.h"
#include "helpers/summary_print.h"
#include "message/summary.h"

using namespace imaparc;

TEST_CASE("messages: envelope and body structure are as expected") {
    const std::filesystem::path directory = std::filesystem::path(IMAPARC_TESTS_DIR) / "messages";
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(directory))
        if (entry.path().extension() == ".eml") files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    CHECK(files.size() >= 43);
    for (auto file : files) {
        CAPTURE(file.filename().string());
        const std::string raw = value_or_throw(read_file(file));
        const message::Summary summary = message::parse_summary(raw);
        const auto expected = [&file](const char* extension) {
            return test::imap_value(value_or_throw(read_file(file.replace_extension(extension))));
        };
        CHECK(test::value_of(summary.envelope) == expected(".envelope"));
        CHECK(test::value_of(summary.root) == expected(".bodystructure"));
        test::check_summary(summary, raw);
    }
}
