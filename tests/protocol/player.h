// Plays scripts against one world; each play has a user, and so an archive, of its own.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>

#include "helpers/archive_world.h"
#include "protocol/script.h"

namespace imaparc::test {

class Player {
  public:
    Player();
    ~Player();

    // "" if all went as the script says; else what did not, with the conversation so far.
    std::string play(const Script& script, Way way);

  private:
    class Play;

    TempDir mail_;
    std::unique_ptr<store::ArchiveStore> store_;
    ArchiveWorld& world_for(const Script& script);
    std::unique_ptr<ArchiveWorld> world_;
    std::unique_ptr<ArchiveWorld> all_mail_world_;  // made for the first script that wants it
    unsigned plays_ = 0;
};

}  // namespace imaparc::test
