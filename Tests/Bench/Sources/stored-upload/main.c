// The least that a durable upload takes: the body is written to a file, file and folder are synced, and two
// rows are committed; no account, no limits, no form, no hash. Serves on descriptor 0; argv[1] is its folder.
#include <errno.h>
#include <fcgiapp.h>
#include <fcntl.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *folder;
static atomic_ulong next;
// SQLite has one writer at a time, so all threads share one connection and a lock.
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static sqlite3 *db;
static sqlite3_stmt *begin, *image, *job, *commit;

static void check(int isRight, const char *what) {
    if (isRight) return;
    fprintf(stderr, "stored-upload: %s: %s\n", what, db ? sqlite3_errmsg(db) : strerror(errno));
    exit(1);
}

static void step(sqlite3_stmt *statement) {
    check(sqlite3_step(statement) == SQLITE_DONE, "step");
    sqlite3_reset(statement);
}

static void syncFolder(const char *path) {
    int number = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    check(number >= 0 && fsync(number) == 0, path);
    close(number);
}

static long long receive(FCGX_Stream *in, const char *path) {
    int number = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
    check(number >= 0, path);
    char buffer[65536];
    long long bytes = 0;
    int count;
    while ((count = FCGX_GetStr(buffer, sizeof buffer, in)) > 0) {
        check(write(number, buffer, count) == count, "write");
        bytes += count;
    }
    check(fsync(number) == 0, "fsync");
    close(number);
    return bytes;
}

static void keep(FCGX_Request *request) {
    char id[40], incoming[4096], shard[4096], original[4096];
    unsigned long number = next++;
    snprintf(id, sizeof id, "%08lx-0000-7000-8000-%012lx", (unsigned long)getpid(), number);
    snprintf(incoming, sizeof incoming, "%s/incoming/%s", folder, id);
    snprintf(shard, sizeof shard, "%s/originals/%02lx", folder, number & 0xff);
    snprintf(original, sizeof original, "%s/%s.jpg", shard, id);
    long long bytes = receive(request->in, incoming);
    check(rename(incoming, original) == 0, original);
    syncFolder(shard);

    pthread_mutex_lock(&lock);
    step(begin);
    sqlite3_bind_text(image, 1, id, -1, SQLITE_STATIC);
    sqlite3_bind_int64(image, 2, bytes);
    step(image);
    sqlite3_bind_text(job, 1, id, -1, SQLITE_STATIC);
    step(job);
    step(commit);
    pthread_mutex_unlock(&lock);
    FCGX_FPrintF(request->out, "Status: 202\r\nContent-Type: application/json\r\n\r\n{\"id\":\"%s\"}", id);
}

static void *answer(void *unused) {
    FCGX_Request request;
    FCGX_InitRequest(&request, 0, 0);
    while (FCGX_Accept_r(&request) == 0) {
        keep(&request);
        FCGX_Finish_r(&request);
    }
    return unused;
}

static void prepare(sqlite3_stmt **statement, const char *text) {
    check(sqlite3_prepare_v2(db, text, -1, statement, NULL) == SQLITE_OK, text);
}

int main(int count, char **words) {
    pthread_t threads[64];
    char path[4096];
    check(count == 2, "a folder is missing");
    folder = words[1];
    snprintf(path, sizeof path, "%s/incoming", folder);
    mkdir(path, 0750);
    snprintf(path, sizeof path, "%s/originals", folder);
    mkdir(path, 0750);
    for (int i = 0; i < 256; i++) {
        snprintf(path, sizeof path, "%s/originals/%02x", folder, i);
        mkdir(path, 0750);
    }
    snprintf(path, sizeof path, "%s/rows.sqlite3", folder);
    check(sqlite3_open(path, &db) == SQLITE_OK, path);
    // In Multires, another process makes the checkpoints; this program makes none.
    check(sqlite3_exec(db,
                       "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
                       "PRAGMA wal_autocheckpoint = 0;"
                       "CREATE TABLE image (id TEXT PRIMARY KEY, bytes INTEGER) STRICT;"
                       "CREATE TABLE job (image TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;",
                       NULL, NULL, NULL) == SQLITE_OK, "tables");
    prepare(&begin, "BEGIN IMMEDIATE");
    prepare(&image, "INSERT INTO image VALUES (?, ?)");
    prepare(&job, "INSERT INTO job VALUES (?)");
    prepare(&commit, "COMMIT");
    FCGX_Init();
    for (int i = 0; i < 64; i++) pthread_create(&threads[i], NULL, answer, NULL);
    for (int i = 0; i < 64; i++) pthread_join(threads[i], NULL);
    return 0;
}
