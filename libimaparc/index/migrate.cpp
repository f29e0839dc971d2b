#include "index/migrate.h"

#include "base/text.h"

namespace imaparc::index {

namespace {

std::int64_t count_of(Attachment& attachment, const std::string& sql) {
    Statement statement(attachment, sql);
    Transaction read(attachment, Access::read);
    statement.query(read, {});
    const std::int64_t count = statement.next() ? statement.number(0) : 0;
    statement.close();
    read.commit();
    return count;
}

void apply(Attachment& attachment, const SchemaStep& step) {
    auto transaction = std::make_unique<Transaction>(attachment, Access::write);
    auto commit = [&] {
        transaction->commit();
        transaction = std::make_unique<Transaction>(attachment, Access::write);
    };
    for (const auto& statement : statements_of(step.sql)) {
        if (statement == "COMMIT")
            commit();
        else
            transaction->run(statement);
    }
    commit();
    transaction->run("UPDATE OR INSERT INTO META (K, V) VALUES ('SCHEMA_VERSION', '" + std::to_string(step.number()) +
                     "') MATCHING (K)");
    transaction->commit();
}

}  // namespace

unsigned SchemaStep::number() const {
    return static_cast<unsigned>(parse_decimal(name.substr(0, name.find('_'))).value_or(0));
}

std::vector<std::string> statements_of(std::string_view sql) {
    std::vector<std::string> statements;
    std::string current;
    for (std::string_view line : split(sql, '\n')) {
        line = trimmed(line.substr(0, line.find("--")));
        if (line.empty()) continue;
        const bool ends = line.back() == ';';
        if (ends) line.remove_suffix(1);
        if (!current.empty()) current += '\n';
        current += line;
        if (ends) statements.push_back(std::exchange(current, {}));
    }
    if (!current.empty()) statements.push_back(std::move(current));
    return statements;
}

unsigned schema_version(Attachment& attachment) {
    if (count_of(attachment, "SELECT COUNT(*) FROM RDB$RELATIONS WHERE RDB$RELATION_NAME = 'META'") == 0) return 0;
    Statement select(attachment, "SELECT V FROM META WHERE K = 'SCHEMA_VERSION'");
    Transaction read(attachment, Access::read);
    select.query(read, {});
    unsigned version = 0;
    if (select.next()) version = static_cast<unsigned>(parse_decimal(select.bytes(0)).value_or(0));
    select.close();
    read.commit();
    return version;
}

unsigned migrate(Attachment& attachment, const std::vector<SchemaStep>& steps) {
    const unsigned version = schema_version(attachment);
    const unsigned newest = steps.empty() ? 0 : steps.back().number();
    if (version > newest)
        throw DatabaseFault(ErrorKind::refused,
                            "the index has schema " + std::to_string(version) +
                                ", made by a newer imaparchd; this one knows " + std::to_string(newest),
                            {});
    if (version == 0 && count_of(attachment, "SELECT COUNT(*) FROM RDB$RELATIONS WHERE RDB$SYSTEM_FLAG = 0") > 0)
        throw DatabaseFault(ErrorKind::invalid, "the database has tables, but they are not an index's", {});
    unsigned applied = 0;
    for (const SchemaStep& step : steps) {
        if (step.number() <= version) continue;
        try {
            apply(attachment, step);
        } catch (const DatabaseFault& fault) {
            if (fault.kind() == ErrorKind::unavailable) throw;  // a full disk is no fault of the file
            throw DatabaseFault(ErrorKind::damaged, "schema step " + std::string(step.name) + ": " + fault.what(),
                                fault.codes());
        }
        ++applied;
    }
    return applied;
}

}  // namespace imaparc::index
