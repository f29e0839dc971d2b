#include "archive/wire_form.h"

#include <algorithm>
#include <cstring>

namespace imaparc::archive {

template <class Sink>
WireForm::Step WireForm::run(std::string_view raw, std::size_t most, Sink sink) {
    Step step;
    const auto text = [&](std::size_t n) {
        sink(step.made, raw.data() + step.taken, n);
        step.taken += n;
        step.made += n;
    };
    const auto line_end = [&](char c) {
        sink(step.made, &c, std::size_t{1});
        ++step.made;
    };
    while (step.made < most && step.taken < raw.size()) {
        const char* begin = raw.data() + step.taken;
        const auto left = raw.size() - step.taken;
        if (owes_lf_) {  // *begin is the LF whose CR was written before
            line_end('\n');
            ++step.taken;
            owes_lf_ = after_cr_ = false;
            continue;
        }
        const auto* lf = static_cast<const char*>(std::memchr(begin, '\n', left));
        const auto line = lf ? static_cast<std::size_t>(lf - begin) : left;
        if (line > 0) {
            const auto n = std::min(line, most - step.made);
            after_cr_ = begin[n - 1] == '\r';
            text(n);
            if (n < line) break;
        }
        if (!lf) break;
        if (step.made == most) break;
        if (!after_cr_) {
            line_end('\r');
            if (step.made == most) {
                owes_lf_ = true;
                break;
            }
        }
        line_end('\n');
        ++step.taken;
        after_cr_ = false;
    }
    return step;
}

WireForm::Step WireForm::convert(std::string_view raw, std::span<char> out) {
    const auto step = run(raw, out.size(), [&](std::size_t at, const char* bytes, std::size_t n) {
        std::memcpy(out.data() + at, bytes, n);
    });
    if (nul_ == Nul::replace)
        std::replace(out.begin(), out.begin() + static_cast<std::ptrdiff_t>(step.made), '\0', '\x80');
    return step;
}

WireForm::Step WireForm::pass_over(std::string_view raw, std::size_t most) {
    return run(raw, most, [](std::size_t, const char*, std::size_t) {});
}

}  // namespace imaparc::archive
