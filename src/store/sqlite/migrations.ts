/** The schema, one numbered step after the other. A step that was released is never edited. */
export const MIGRATIONS: readonly string[] = [
  `
  -- The life of a task; narrow, because every step of the life writes it.
  -- kind, priority and state are places in the lists of domain/task.ts; *_us are Unix microseconds.
  CREATE TABLE task (
    seq            INTEGER PRIMARY KEY,
    id             TEXT    NOT NULL UNIQUE,
    owner          TEXT    NOT NULL,
    kind           INTEGER NOT NULL,
    language       TEXT    NOT NULL,
    priority       INTEGER NOT NULL,
    state          INTEGER NOT NULL,
    revision       INTEGER NOT NULL,
    rank           INTEGER NOT NULL,
    create_us      INTEGER NOT NULL,
    queue_us       INTEGER NOT NULL,
    start_us       INTEGER,
    end_us         INTEGER,
    expire_us      INTEGER,
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
    callback_url   TEXT
  ) STRICT;
  CREATE INDEX task_of_owner ON task (owner, seq);
  CREATE INDEX task_expiring ON task (expire_us) WHERE state = 0 AND expire_us IS NOT NULL;
  CREATE INDEX task_input ON task (owner, input_sha) WHERE input_sha IS NOT NULL;
  CREATE INDEX task_output ON task (owner, output_sha) WHERE output_sha IS NOT NULL;

  -- What came in: the description as JSON, small payloads beside it.
  CREATE TABLE input (
    seq     INTEGER PRIMARY KEY,
    detail  TEXT NOT NULL,
    payload BLOB
  ) STRICT;

  -- What came out: result, failure or cancellation, and the miners' responses, as JSON.
  CREATE TABLE outcome (
    seq     INTEGER PRIMARY KEY,
    detail  TEXT NOT NULL,
    output  BLOB
  ) STRICT;

  CREATE TABLE attempt (
    seq      INTEGER NOT NULL,
    number   INTEGER NOT NULL,
    holder   TEXT    NOT NULL,
    start_us INTEGER NOT NULL,
    end_us   INTEGER NOT NULL,
    outcome  TEXT    NOT NULL,
    message  TEXT    NOT NULL
  ) STRICT;
  CREATE INDEX attempt_of_task ON attempt (seq);

  -- Pending tasks that may be handed out. The first of each owner and priority have a rank; the others
  -- wait in their owner's line until one of those leaves.
  CREATE TABLE ready (
    seq      INTEGER PRIMARY KEY,
    rank     INTEGER,
    kind     INTEGER NOT NULL,
    owner    TEXT    NOT NULL,
    priority INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX ready_ranked ON ready (rank, seq) WHERE rank IS NOT NULL;
  CREATE INDEX ready_line ON ready (owner, priority, seq) WHERE rank IS NULL;

  CREATE TABLE line (
    owner    TEXT    NOT NULL,
    priority INTEGER NOT NULL,
    ranked   INTEGER NOT NULL,
    PRIMARY KEY (owner, priority)
  ) STRICT, WITHOUT ROWID;

  -- Pending tasks that wait for a retry.
  CREATE TABLE retry (
    seq    INTEGER PRIMARY KEY,
    due_us INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX retry_due ON retry (due_us);

  CREATE TABLE lease (
    seq       INTEGER PRIMARY KEY,
    token     TEXT    NOT NULL UNIQUE,
    session   TEXT    NOT NULL,
    holder    TEXT    NOT NULL,
    confirmed INTEGER NOT NULL,
    hand_out  INTEGER NOT NULL,
    grant_us  INTEGER NOT NULL,
    expire_us INTEGER NOT NULL,
    run_until_us INTEGER NOT NULL,
    progress  REAL,
    stage     TEXT
  ) STRICT;
  CREATE INDEX lease_of_session ON lease (session);
  CREATE INDEX lease_expiring ON lease (expire_us);

  CREATE TABLE request_key (
    owner      TEXT    NOT NULL,
    request_id TEXT    NOT NULL,
    body_hash  TEXT    NOT NULL,
    seq        INTEGER NOT NULL,
    expire_us  INTEGER NOT NULL,
    PRIMARY KEY (owner, request_id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX request_key_expiring ON request_key (expire_us);
  CREATE INDEX request_key_of_task ON request_key (seq);

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

  CREATE TABLE state_count (
    state INTEGER PRIMARY KEY,
    count INTEGER NOT NULL
  ) STRICT;
  INSERT INTO state_count VALUES (0, 0), (1, 0), (2, 0), (3, 0), (4, 0);
  `,
];
