// Stores and an index in memory, a real archive in a temporary directory, and a clock that ticks when told.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "archive/archive.h"
#include "helpers/fake_clock.h"
#include "helpers/memory_index.h"
#include "helpers/memory_store.h"
#include "helpers/temp_dir.h"
#include "sync/round.h"

namespace imaparc::test {

struct World {
    explicit World(std::vector<std::string> names = {"2023", "2024"}) {
        for (auto& name : names) stores.push_back(std::make_unique<MemoryStore>(name));
        archive = std::make_unique<archive::Archive>(archive::Options{directory / "catalog", true}, pointers(),
                                                     Log::silent());
        roots = std::make_unique<sync::RootHealth>(pointers(), clock);
    }

    std::vector<store::ArchiveStore*> pointers() {
        std::vector<store::ArchiveStore*> result;
        for (auto& store : stores) result.push_back(store.get());
        return result;
    }
    MemoryStore& store(std::size_t i) { return *stores[i]; }

    // One round, `later` after the last one.
    sync::RoundResult round(const std::string& owner, sync::Order order = {},
                            std::chrono::milliseconds later = std::chrono::seconds(10)) {
        clock.advance(later);
        sync::Surroundings at{pointers(), *archive, index, clock, *roots, stopping};
        sync::Round one(at, options, owner, memory[owner], std::move(order));
        one.prepare();
        while (one.list_some(std::chrono::milliseconds(100))) {
        }
        return one.commit();
    }
    sync::Order accepting() {
        sync::Order order;
        order.accept.assign(stores.size(), true);
        order.accept_unconfigured = true;
        return order;
    }

    // UIDs by folder and message, as published.
    using Published = std::map<std::string, std::map<MessageId, std::uint32_t>>;
    Published published(const std::string& owner) {
        Published result;
        for (const auto& [path, folder] : index.memory_owner(owner)->content()) {
            auto& messages = result[path];
            for (const auto& [uid, row] : folder.rows) messages[row.id] = uid;
        }
        return result;
    }
    std::size_t count(const std::string& owner, const std::string& path) {
        const auto all = published(owner);
        const auto found = all.find(path);
        return found == all.end() ? 0 : found->second.size();
    }
    std::set<std::string> folders(const std::string& owner) {
        std::set<std::string> result;
        for (const auto& [path, messages] : published(owner)) result.insert(path);
        return result;
    }
    void fill(std::size_t i, const std::string& owner, const std::string& path, unsigned messages, unsigned from = 0) {
        for (unsigned n = from; n < from + messages; ++n) store(i).add(owner, path, "m" + std::to_string(n), 1000 + n);
    }

    TempDir directory;
    FakeClock clock;
    std::vector<std::unique_ptr<MemoryStore>> stores;
    std::unique_ptr<archive::Archive> archive;
    MemoryIndex index;
    std::unique_ptr<sync::RootHealth> roots;
    std::atomic<bool> stopping{false};
    sync::Options options;
    std::map<std::string, sync::OwnerMemory> memory;
};

}  // namespace imaparc::test
