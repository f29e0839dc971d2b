// The schema of IMAPDB.FDB: numbered steps (schema/NNNN_*.sql), built into the library, each applied once and in order.
// META's SCHEMA_VERSION is the number of the last. A new file is made by running them all.
//
// A step is SQL statements, each ended by ';' at the end of a line, comments after "--". The line "COMMIT;" ends a
// transaction within a step: what a statement creates can be filled only after it (firebird.md 9). A crash within a
// step leaves it half done and not numbered; the file is then damaged, and is set aside and derived anew.
//
// Before anything else is attached; one thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "index/database.h"

namespace imaparc::index {

struct SchemaStep {
    std::string_view name;  // "0001_initial"
    std::string_view sql;
    unsigned number() const;  // 1
};

const std::vector<SchemaStep>& schema_steps();  // ascending, without gaps, from 1

// The statements of a step, comments and the final ';' removed; "COMMIT" stands for itself.
std::vector<std::string> statements_of(std::string_view sql);

// What META says; 0 if there is no META (a file without any step).
unsigned schema_version(Attachment& attachment);

// Applies the steps that are missing; their number. DatabaseFault of kind refused: the file has a step that we do not
// know (a newer imaparchd made it); invalid: it has tables, but not ours; damaged: a step fails.
unsigned migrate(Attachment& attachment, const std::vector<SchemaStep>& steps = schema_steps());

}  // namespace imaparc::index
