/** The schema, one numbered step after the other. A step that was released is never edited. */
export const MIGRATIONS: readonly string[] = [
  `
  -- The life of a task. It is written when the task comes, when a lease on it ends, and when it is final;
  -- while it is leased the row of the lease says what changes. Each index that is not partial costs every
  -- life about 3 us.
  -- kind, priority and state are places in the lists of domain/task.ts; *_us are Unix microseconds.
  -- state is 0 from the submission to the end: a task that is processed is one with a lease.
  CREATE TABLE task (
    seq            INTEGER PRIMARY KEY,
    id             TEXT    NOT NULL UNIQUE,
    owner          TEXT    NOT NULL,
    kind           INTEGER NOT NULL,
    language       TEXT    NOT NULL,
    priority       INTEGER NOT NULL,
    state          INTEGER NOT NULL,
    revision       INTEGER NOT NULL,
    rank           INTEGER,
    create_us      INTEGER NOT NULL,
    queue_us       INTEGER NOT NULL,
    start_us       INTEGER,
    end_us         INTEGER,
    expire_us      INTEGER,
    due_us         INTEGER,
    attempts       INTEGER NOT NULL,
    max_attempts   INTEGER NOT NULL,
    max_run_ms     INTEGER NOT NULL,
    lost_leases    INTEGER NOT NULL,
    deliveries     INTEGER NOT NULL,
    handed_out     INTEGER NOT NULL,
    payload_bytes  INTEGER NOT NULL,
    input_sha      TEXT,
    output_sha     TEXT,
    settled_token  TEXT,
    settled_digest TEXT,
    callback_url   TEXT,
    request_id     TEXT,
    body_hash      TEXT
  ) STRICT;
  CREATE INDEX task_of_owner ON task (owner, seq);
  -- The lines of the queue. Leased tasks stay in it: taking them out and in again would cost more.
  CREATE INDEX task_waiting ON task (owner, priority, kind, seq) WHERE state = 0 AND due_us IS NULL;
  CREATE INDEX task_retrying ON task (due_us) WHERE due_us IS NOT NULL;
  CREATE INDEX task_expiring ON task (expire_us) WHERE state = 0 AND expire_us IS NOT NULL;
  CREATE UNIQUE INDEX task_requested ON task (owner, request_id) WHERE request_id IS NOT NULL;
  CREATE INDEX task_input ON task (owner, input_sha) WHERE input_sha IS NOT NULL;
  CREATE INDEX task_output ON task (owner, output_sha) WHERE output_sha IS NOT NULL;

  -- What came in: the description as JSON, small payloads beside it.
  CREATE TABLE input (
    seq     INTEGER PRIMARY KEY,
    detail  TEXT NOT NULL,
    payload BLOB
  ) STRICT;

  -- What came out: result, failure or cancellation as JSON once the task is final, and the miners'
  -- responses of its last attempt that had some.
  CREATE TABLE outcome (
    seq       INTEGER PRIMARY KEY,
    validator TEXT NOT NULL,
    detail    TEXT,
    responses TEXT,
    output    BLOB
  ) STRICT;

  -- Ended attempts of a task, in the order of the revisions at their ends.
  CREATE TABLE attempt (
    seq      INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    number   INTEGER NOT NULL,
    holder   TEXT    NOT NULL,
    start_us INTEGER NOT NULL,
    end_us   INTEGER NOT NULL,
    outcome  TEXT    NOT NULL,
    message  TEXT    NOT NULL,
    PRIMARY KEY (seq, revision)
  ) STRICT, WITHOUT ROWID;

  -- Leases that are granted. The writer keeps them in memory too, and their times there alone: after a
  -- restart each gets its full time again.
  CREATE TABLE lease (
    seq        INTEGER PRIMARY KEY,
    token      TEXT    NOT NULL,
    session    TEXT    NOT NULL,
    holder     TEXT    NOT NULL,
    hand_out   INTEGER NOT NULL,
    rank       INTEGER NOT NULL,
    revision   INTEGER NOT NULL,
    grant_us   INTEGER NOT NULL,
    confirm_us INTEGER,
    progress   REAL,
    stage      TEXT
  ) STRICT;

  CREATE TABLE content (
    owner     TEXT    NOT NULL,
    sha256    TEXT    NOT NULL,
    size      INTEGER NOT NULL,
    file      TEXT    NOT NULL UNIQUE,
    use_us    INTEGER NOT NULL,
    PRIMARY KEY (owner, sha256)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX content_by_use ON content (use_us);

  -- One row per final state that is to be announced; written in the transaction of that state.
  CREATE TABLE webhook_outbox (
    id        INTEGER PRIMARY KEY,
    seq       INTEGER NOT NULL,
    task_id   TEXT    NOT NULL,
    url       TEXT    NOT NULL,
    state     INTEGER NOT NULL,
    revision  INTEGER NOT NULL,
    create_us INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX webhook_of_task ON webhook_outbox (seq);

  -- How many tasks are in which state; one row. sealed grows where a commit only has to be durable.
  CREATE TABLE state_count (
    one        INTEGER PRIMARY KEY CHECK (one = 1),
    pending    INTEGER NOT NULL,
    processing INTEGER NOT NULL,
    completed  INTEGER NOT NULL,
    failed     INTEGER NOT NULL,
    cancelled  INTEGER NOT NULL,
    sealed     INTEGER NOT NULL
  ) STRICT;
  INSERT INTO state_count VALUES (1, 0, 0, 0, 0, 0, 0);
  `,
  `
  -- Announcements of tasks that ended, in place of rows that nothing ever delivered and that nobody waits
  -- for any more. One a task with a callback URL, written in the transaction of its final state.
  -- state is a place in WEBHOOK_STATES of domain/webhook.ts; due_us says when it is tried next, under a claim
  -- when that lapses, and is null once it is over.
  DROP TABLE webhook_outbox;
  CREATE TABLE webhook (
    seq        INTEGER PRIMARY KEY,
    task_id    TEXT    NOT NULL UNIQUE,
    url        TEXT    NOT NULL,
    endpoint   TEXT    NOT NULL,
    task_state INTEGER NOT NULL,
    revision   INTEGER NOT NULL,
    end_us     INTEGER NOT NULL,
    state      INTEGER NOT NULL,
    due_us     INTEGER,
    expire_us  INTEGER NOT NULL,
    claim      TEXT,
    failures   INTEGER NOT NULL,
    tries      INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX webhook_due ON webhook (endpoint, due_us) WHERE due_us IS NOT NULL;
  CREATE INDEX webhook_claimed ON webhook (endpoint, due_us) WHERE claim IS NOT NULL;
  CREATE INDEX webhook_expiring ON webhook (expire_us) WHERE due_us IS NOT NULL;
  CREATE INDEX webhook_dead ON webhook (seq) WHERE state = 2;

  CREATE TABLE webhook_try (
    seq         INTEGER NOT NULL,
    number      INTEGER NOT NULL,
    start_us    INTEGER NOT NULL,
    duration_ms REAL    NOT NULL,
    http_status INTEGER,
    reason      TEXT,
    message     TEXT,
    PRIMARY KEY (seq, number)
  ) STRICT, WITHOUT ROWID;

  -- Places that announcements wait for, each with its circuit; next_us says when one may be claimed.
  CREATE TABLE webhook_endpoint (
    endpoint   TEXT    PRIMARY KEY,
    failures   INTEGER NOT NULL,
    blocked_us INTEGER NOT NULL,
    next_us    INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX webhook_next ON webhook_endpoint (failures > 0, next_us);
  -- How far a lease is, is kept in memory: on the disk each word of it cost a commit.
  ALTER TABLE lease DROP COLUMN progress;
  ALTER TABLE lease DROP COLUMN stage;
  `,
];
