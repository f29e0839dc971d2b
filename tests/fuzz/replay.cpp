// Stands in for libFuzzer where it is not there: gives a target every file of its corpora, then mutations of them. The
// seed is printed; give it as a last argument to see the same ones again. IMAPARC_RUNS=n: how many mutations.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

#ifndef IMAPARC_MUTATIONS
#define IMAPARC_MUTATIONS 3000
#endif

unsigned long mutations() {
    const char* given = std::getenv("IMAPARC_RUNS");
    return given ? std::strtoul(given, nullptr, 10) : IMAPARC_MUTATIONS;
}

void run(const std::string& input) {
    LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(input.data()), input.size());
}

std::string mutated(const std::vector<std::string>& corpus, std::mt19937& random) {
    std::string input = corpus[random() % corpus.size()];
    for (auto steps = 1 + random() % 8; steps > 0; --steps) {
        const std::size_t at = random() % (input.size() + 1);
        const std::size_t count = std::min<std::size_t>(random() % 16, input.size() - at);
        switch (random() % 5) {
            case 0:
                input.erase(at, count);
                break;
            case 1:
                input.insert(at, 1, static_cast<char>(random()));
                break;
            case 2:
                input.insert(at, std::string(input, at, count));
                break;
            case 3:
                if (at < input.size()) input[at] = static_cast<char>(input[at] ^ (1 << random() % 8));
                break;
            default: {
                const auto& other = corpus[random() % corpus.size()];
                const std::size_t from = random() % (other.size() + 1);
                input.insert(at, other, from, random() % 64);
            }
        }
    }
    return input;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 2) {
        std::cerr << "usage: " << argv[0] << " CORPUS-DIRECTORY... [SEED]\n";
        return 2;
    }
    std::vector<std::filesystem::path> files;
    const bool seeded = argc > 2 && !std::filesystem::is_directory(argv[argc - 1]);
    for (int i = 1; i < argc - (seeded ? 1 : 0); ++i)
        for (const auto& entry : std::filesystem::directory_iterator(argv[i]))
            if (entry.is_regular_file()) files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    std::vector<std::string> corpus;
    for (const auto& file : files) {
        std::ifstream in(file, std::ios::binary);
        corpus.emplace_back(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
        std::cerr << file.filename().string() << '\n';
        run(corpus.back());
    }
    if (corpus.empty()) {
        std::cerr << "there is no corpus in " << argv[1] << '\n';
        return 1;
    }
    const auto seed =
        seeded ? static_cast<unsigned>(std::strtoul(argv[argc - 1], nullptr, 10)) : std::random_device{}();
    std::cerr << corpus.size() << " files, " << mutations() << " mutations with seed " << seed << '\n';
    std::mt19937 random(seed);
    for (unsigned long i = 0; i < mutations(); ++i) run(mutated(corpus, random));
    return 0;
}
