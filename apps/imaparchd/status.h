// The answer of `imaparch-ctl status`, gathered from all rooms.
#pragma once

#include <string>
#include <vector>

#include "archive/archive.h"
#include "base/metrics.h"
#include "base/progress.h"
#include "config/load.h"
#include "config/settings.h"
#include "control/verbs.h"
#include "index/index.h"
#include "sync/engine.h"

namespace imaparc::daemon {

struct StatusInputs {
    std::string version, config_file;
    config::Settings settings;
    Seconds started = 0, now = 0;
    control::ListenerStatus listener;
    bool reachable_from_elsewhere = false;
    index::Index& index;
    archive::Archive& archive;
    sync::Engine& engine;
    ProgressBoard& board;
    Metrics& metrics;
};

// Asks the database: on a worker.
control::StatusAnswer status_answer(const StatusInputs& inputs);

control::OwnerStatus owner_status(const Progress& progress, const std::string& state);
std::vector<control::ConfigChange> changes_of(const std::vector<config::Difference>& differences);

}  // namespace imaparc::daemon
