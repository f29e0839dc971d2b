// The daemon's answers to the control verbs: each handler asks the Service or one of its rooms.
//
// Runs on the service's background executor (control::Server calls it there).
#pragma once

#include "control/handlers.h"

namespace imaparc::daemon {

class Service;

class ControlHandlers : public control::Handlers {
  public:
    explicit ControlHandlers(Service& service) : service_(service) {}

    async::Task<Result<control::StatusAnswer>> status(control::Caller, control::StatusRequest) override;
    async::Task<Result<control::ResyncAnswer>> resync(control::Caller, control::ResyncRequest,
                                                      control::SendProgress) override;
    async::Task<Result<control::IndexUsersAnswer>> index_users(control::Caller, control::IndexUsersRequest) override;
    async::Task<Result<control::IndexFoldersAnswer>> index_folders(control::Caller,
                                                                   control::IndexFoldersRequest) override;
    async::Task<Result<control::IndexMessagesAnswer>> index_messages(control::Caller,
                                                                     control::IndexMessagesRequest) override;
    async::Task<Result<control::IndexStatsAnswer>> index_stats(control::Caller, control::IndexStatsRequest) override;
    async::Task<Result<control::IndexCheckAnswer>> index_check(control::Caller, control::IndexCheckRequest) override;
    async::Task<Result<control::ConfigPrepareAnswer>> config_prepare(control::Caller,
                                                                     control::ConfigPrepareRequest) override;
    async::Task<Result<control::ConfigSwitchAnswer>> config_switch(control::Caller,
                                                                   control::ConfigSwitchRequest) override;
    async::Task<Result<control::ConfigAbortAnswer>> config_abort(control::Caller, control::ConfigAbortRequest) override;
    async::Task<Result<control::ConfigReloadAnswer>> config_reload(control::Caller,
                                                                   control::ConfigReloadRequest) override;
    void disconnected(control::Caller) override;

  private:
    Service& service_;
};

}  // namespace imaparc::daemon
