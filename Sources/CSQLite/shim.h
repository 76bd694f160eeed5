// sqlite3_db_config is variadic, so Swift cannot call it.
#pragma once
#include <sqlite3.h>

/// The last connection to close does not checkpoint: only the worker may checkpoint, because SQLite
/// before 3.51.3 can corrupt a WAL that is reset during a commit.
static inline int multires_no_checkpoint_on_close(sqlite3 *connection) {
    return sqlite3_db_config(connection, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, (int *)0);
}
