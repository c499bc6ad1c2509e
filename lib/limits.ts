/** Every limit of the product, with its unit in its name and its reason above it. */

/** What a site may set under `limits` in `drover.yaml`: `usual` where it does not, and never above `most`. */
export const SITE_LIMITS = {
  // Each is compiled, and a template that asks for the fleet sees all of them.
  hosts: { usual: 20_000, most: 100_000 },
  // A run holds the readings of all resources in memory, and a plan is read by people.
  resources_per_host: { usual: 20_000, most: 100_000 },
  // All files and templates that one catalog carries; a compile holds them in memory.
  file_bytes_per_host: { usual: 256 * 1024 * 1024, most: 1024 * 1024 * 1024 },
  // A list that is longer than any that people write is most often a mistake in an expression.
  for_each_items: { usual: 10_000, most: 100_000 },
  removals_per_host: { usual: 100, most: 50_000 },
  // One rendered text; the template engine has its own memory, which is small.
  render_bytes: { usual: 1024 * 1024, most: 16 * 1024 * 1024 },
  // Instructions of one render; a loop over the whole fleet of thousands stays far below.
  render_steps: { usual: 2_000_000, most: 50_000_000 },
} as const
// One YAML file is parsed whole; 8 MiB is far above any file that a person edits.
export const MAX_YAML_BYTES = 8 * 1024 * 1024
// Deeper than any real document; keeps every recursive walk far from the stack's end.
export const MAX_YAML_DEPTH = 64
// Aliases are refused beyond this count: enough for honest reuse, too few for a bomb.
export const MAX_YAML_ALIASES = 100
// A template as it is written.
export const MAX_TEMPLATE_BYTES = 1024 * 1024
// Mistakes of one site that are kept; nobody reads more, and one file could make millions.
export const MAX_DIAGNOSTICS = 1000
// Names, signs and values of one expression: the template engine goes a step down its stack for each, and has some 4,000.
export const MAX_EXPRESSION_PARTS = 2000
// Of a file that is so large that it is not read to its end once its beginning has mistakes.
export const MAX_FILE_DIAGNOSTICS = 100
// As much of a file with all of YAML in it is read in some 50 ms.
export const YAML_AHEAD_BYTES = 32 * 1024
// What one range of host names stands for.
export const MAX_RANGE_NAMES = 10_000
// Of a unix socket on Linux.
export const MAX_SOCKET_PATH_BYTES = 107
// A component of a path on Linux.
export const MAX_NAME_BYTES = 255
export const MAX_PATH_BYTES = 4096
// What is kept of a command's output, from its end.
export const MAX_OUTPUT_BYTES = 64 * 1024
// What is kept of the answer to a query, such as the properties of hundreds of units.
export const MAX_ANSWER_BYTES = 16 * 1024 * 1024
// A file whose text a state reads to edit it, such as /etc/hosts.
export const MAX_TEXT_BYTES = 4 * 1024 * 1024
// A longer line of a file is matched by no pattern: what is left of backtracking stays small.
export const MAX_MATCHED_CHARACTERS = 4096
// cron of Debian cuts what is longer.
export const MAX_CRON_CHARACTERS = 998
// The content of one file that was there before drover, kept so that it can be put back.
export const MAX_PRE_IMAGE_BYTES = 16 * 1024 * 1024
// All of it on one host, and as much again of what runs found.
export const MAX_PRE_IMAGES_BYTES = 256 * 1024 * 1024
// What runs found before they changed it, kept so that each can be undone: the newest of them.
export const MAX_UNDO_RUNS = 100
export const UNDO_MS = 30 * 86_400_000
// Files and directories that are remembered for one resource, such as a directory that was purged.
export const MAX_PRE_IMAGE_PATHS = 100
// A diff that a person may want to read; beyond it sizes and hashes are shown.
export const MAX_DIFF_BYTES = 256 * 1024
export const MAX_DIFF_LINES = 400
// Paths that a rehearsal tells of, those of packages last; and all their diffs together.
export const MAX_REHEARSED_PATHS = 10_000
export const MAX_REHEARSED_DIFFS_BYTES = 1024 * 1024
// Of a larger file, such as one to swap to, its size alone is told.
export const MAX_REHEARSED_FILE_BYTES = 16 * 1024 * 1024
// A rehearsal writes to memory: half of what is available, within these.
export const MIN_REHEARSAL_BYTES = 64 * 1024 * 1024
export const MAX_REHEARSAL_BYTES = 4 * 1024 * 1024 * 1024
// What is asked of systemd in one rehearsal; each script of a package asks a few times.
export const MAX_REHEARSED_REQUESTS = 2000
// Deadlines in milliseconds. A resource may set its own with `timeout`.
export const QUERY_TIMEOUT_MS = 30_000
export const COMMAND_TIMEOUT_MS = 300_000
// A guard only looks, and a check runs all of them.
export const GUARD_TIMEOUT_MS = 30_000
export const SERVICE_TIMEOUT_MS = 90_000
// A host's runs wait for it meanwhile.
export const REHEARSAL_TIMEOUT_MS = 600_000
export const APT_TIMEOUT_MS = 30 * 60_000
// An index this young is not fetched again for a package that is not in it: the name is wrong.
export const APT_INDEX_FRESH_MS = 3_600_000
export const DPKG_LOCK_TIMEOUT_MS = 300_000
export const VALIDATE_TIMEOUT_MS = 30_000

// Between an agent and its master. A master that answers nothing must not hold an agent.
export const CONNECT_TIMEOUT_MS = 20_000
// One call that is answered at once; a transfer is ended when nothing has come for as long.
export const CALL_TIMEOUT_MS = 30_000
// A peer that is gone without a word is found within the sum of both; each ping costs the master some 0.1 ms.
export const KEEPALIVE_MS = 45_000
export const KEEPALIVE_TIMEOUT_MS = 10_000
// An agent says so often that it is there.
export const ALIVE_EVERY_MS = 60_000
// After a lost connection: within what the master said, which is bounded in case it says nonsense; then these.
export const MIN_RECONNECT_WITHIN_MS = 1000
export const MAX_RECONNECT_WITHIN_MS = 600_000
export const RECONNECT_FIRST_MS = 1000
export const RECONNECT_MAX_MS = 120_000
// An agent looks at all of its host this often, give or take the splay.
export const SWEEP_EVERY_MS = 1_800_000
export const SWEEP_SPLAY_MS = 300_000
// What is heard within this while of a host is looked at together.
export const DRIFT_GATHER_MS = 50
// One resource is looked at so often at once because something was heard of it, and then again after each while.
export const LOOKS_AT_ONCE = 20
export const LOOK_EVERY_MS = 3000
// Services and packages are left alone while apt or dpkg is at work, which is looked at this often.
export const DPKG_BUSY_EVERY_MS = 1000
// What the kernel tells nobody of, such as /proc/sys, is read this often, and a look rests so many times what it took:
// 0.025 % of a core at most, however many there are.
export const POLL_EVERY_MS = 250
export const POLL_REST = 4000
// Directories that an agent listens to: the kernel keeps about a kilobyte for each.
export const MAX_WATCHED_DIRECTORIES = 20_000
// A directory in which more happens in a second is not listened to for a while, and then looked at.
export const MAX_EVENTS_PER_SECOND = 5000
export const DEAF_MS = 5000
// A run lets the agent hear its master, its timers and signals this often, however busy it is with files.
export const TURN_EVERY_MS = 50
// Another run of drover, such as `drover local`, is waited for as long as a long apt run takes.
export const RUN_LOCK_TIMEOUT_MS = 1_800_000
// Pieces of catalogs, blobs and reports.
export const PIECE_BYTES = 256 * 1024
export const MAX_CATALOG_BYTES = 8 * 1024 * 1024
// A report says what is due and what was done; diffs that make it longer are left out.
export const MAX_REPORT_BYTES = 4 * 1024 * 1024
// What an agent keeps for a master that is away.
export const MAX_SPOOL_BYTES = 64 * 1024 * 1024

/** What an agent keeps free for its own records on the disk of its state folder; below the other one, the disk is full. */
export const RESERVE_BYTES = 16 * 1024 * 1024
export const MIN_FREE_BYTES = 1024 * 1024
// Reading a site or compiling one host; renders are bounded by their fuel long before.
export const COMPILE_TIMEOUT_MS = 120_000

// What the master takes from one peer. A message; what is larger comes in pieces.
export const MAX_MESSAGE_BYTES = 1024 * 1024
// All headers of one call: ours are a few hundred bytes.
export const MAX_HEADER_BYTES = 8 * 1024
// Calls of one connection at the same time: the stream, transfers, a report.
export const MAX_CALLS_PER_CONNECTION = 8
// What HTTP/2 may hold for one connection, in megabytes.
export const MAX_CONNECTION_MEGABYTES = 10
// An answer comes in pieces too, so that a slow reader holds little of it in the master's memory.
export const SENT_PIECE_BYTES = 64 * 1024
// Connections of one agent or operator, and those of one address where callers have no name yet.
export const MAX_CONNECTIONS_PER_CALLER = 8
export const MAX_CONNECTIONS_PER_ADDRESS = 64
// Pings, settings and resets of one connection within the window; an honest peer sends a few.
export const MAX_CONTROL_FRAMES = 100
export const CONTROL_WINDOW_MS = 10_000
// Whoever floods is refused for so long.
export const BAN_MS = 60_000
// A connection is made anew after this, and has so long to end its calls.
export const CONNECTION_AGE_MS = 3_600_000
export const CONNECTION_AGE_GRACE_MS = 30_000
// A connection without calls is closed.
export const CONNECTION_IDLE_MS = 600_000
// Certificates of open calls are looked at this often.
export const STANDING_EVERY_MS = 1000
// Who follows says hello first, and is alive once a minute.
export const HELLO_TIMEOUT_MS = 10_000
export const SILENCE_TIMEOUT_MS = 150_000
// An agent says at once that it has heard an order; TCP has sent a word five times over within some 6 s.
export const ORDER_HEARD_TIMEOUT_MS = 8_000
// An agent whose stream broke may come back and go on with what it was asked.
export const RETURN_TIMEOUT_MS = 45_000
// Words that wait for an agent that does not read.
export const MAX_WAITING_WORDS = 256
// What one agent may say on its stream, at once and in a minute; progress is most of it.
export const MAX_WORDS_AT_ONCE = 1000
export const WORDS_PER_MINUTE = 6000
// Agents that are asked to run at the same time by one call.
export const MAX_PARALLEL_ORDERS = 200
// All that come back after a restart do so at this rate.
export const RECONNECTS_PER_SECOND = 150
// Facts of a host: bytes of JSON, values, bytes of one value, depth.
export const MAX_FACTS_BYTES = 256 * 1024
export const MAX_FACTS = 2000
export const MAX_FACT_BYTES = 4 * 1024
export const MAX_FACTS_DEPTH = 8
// The request in an audit row.
export const MAX_AUDIT_BYTES = 4 * 1024
// Rows of one answer to an operator.
export const MAX_PAGE_ROWS = 500
// A clock that is off by more is not believed in what a host reports.
export const MAX_CLOCK_SKEW_MS = 300_000
// How long an invitation or a pause may last; both are meant to end.
export const MAX_INVITE_SECONDS = 7 * 86_400
export const MAX_PAUSE_SECONDS = 90 * 86_400
// What an operator sees of each host's progress is this old at most.
export const PROGRESS_EVERY_MS = 100
// Events of a run that wait for an operator who does not read; each host adds a few.
export const MAX_WAITING_EVENTS = 20_000
// A site is looked at when nothing in its folder has changed for so long.
export const FOLLOW_SETTLE_MS = 300
export const GIT_TIMEOUT_MS = 120_000
// All files of one commit of a site.
export const MAX_SITE_BYTES = 1024 * 1024 * 1024
// What a forge sends with a webhook; a push of thousands of commits has less.
export const MAX_HOOK_BYTES = 8 * 1024 * 1024
// A peer that is cut off hears why before its connection ends.
export const GOODBYE_MS = 500
// A master that is told to stop lets calls end for so long.
export const STOP_MS = 20_000

// Certificates. A host's is short, so that one which is lost is worth little; nobody renews an operator's by itself.
export const AGENT_CERTIFICATE_MS = 7 * 86_400_000
export const OPERATOR_CERTIFICATE_MS = 90 * 86_400_000
export const SERVER_CERTIFICATE_MS = 30 * 86_400_000
// Renewed at half of its life by the root, which is replaced by nobody.
export const INTERMEDIATE_CERTIFICATE_MS = 2 * 365 * 86_400_000
export const ROOT_CERTIFICATE_MS = 20 * 365 * 86_400_000
// Clocks differ; a certificate is valid a little before it was made.
export const CERTIFICATE_EARLY_MS = 300_000
// A host whose certificate expired while it was off comes back by itself so often; then an operator decides.
export const RECOVER_EVERY_MS = 30 * 86_400_000
// A log of the store that grows beyond it is emptied as soon as no reader is in the way, and doctor says so.
export const MAX_WAL_BYTES = 64 * 1024 * 1024
// One commit takes in what comes within this time, and no more than this many changes.
export const GROUP_COMMIT_MS = 20
export const MAX_JOBS_PER_COMMIT = 500
// Whoever calls faster than the disk is told so.
export const MAX_QUEUED_JOBS = 10_000
// A read of the store; what shows a page needs milliseconds.
export const STORE_READ_TIMEOUT_MS = 2_000
// Rows that retention deletes in one commit, so that nobody waits for it.
export const RETENTION_ROWS_PER_COMMIT = 500
// Catalogs and content that were read lately: what one push sends to all hosts fits.
export const MAX_RECENT_BYTES = 32 * 1024 * 1024
// Secrets that were encrypted to hosts: a ciphertext has some hundred bytes.
export const MAX_SEALED_KEPT = 20_000
// A key with its chain of certificates has some kilobytes.
export const MAX_SECRET_BYTES = 64 * 1024
// What a host reports, walked by whoever shows it: values of a site have their own bound, and stand some levels down.
export const MAX_REPORT_DEPTH = 100
// A person waits at the other end.
export const OPERATOR_CONNECT_TIMEOUT_MS = 10_000
export const OPERATOR_CALL_TIMEOUT_MS = 60_000
// One answer of the master to an operator: a report with its diffs, or the rows of twenty thousand hosts.
export const MAX_OPERATOR_ANSWER_BYTES = 64 * 1024 * 1024
// What a report tells of the time around a drift: nobody reads more.
export const MAX_EVIDENCE = 16
// It is of so long before the drift was heard of, is asked for no longer, and not again within the rest.
export const EVIDENCE_BEFORE_MS = 60_000
export const EVIDENCE_TIMEOUT_MS = 2000
export const EVIDENCE_REST_MS = 1000
export const MAX_EVIDENCE_CHARACTERS = 200
// A resource that is put right so often within such a time is contested: another hand changes it too.
export const CONTESTED = [
  { times: 8, withinMs: 600_000 },
  { times: 16, withinMs: 3_600_000 },
  { times: 24, withinMs: 86_400_000 },
] as const
// It is put right after the first of these then, each time after twice as long, and after the second at most.
export const CONTESTED_FIRST_MS = 60_000
export const CONTESTED_MAX_MS = 600_000
// When it was left in order for so long, it is contested no more.
export const CALM_MS = 1_800_000
// What a host says of them: resources, sentences about each, and the length of one.
export const MAX_CONTESTED = 100
export const MAX_KNOWN = 8
export const MAX_KNOWN_CHARACTERS = 300
// A host that got another catalog so often within such a time because of facts alone is named; facts come twice an hour.
export const VOLATILE_TIMES = 6
export const VOLATILE_WITHIN_MS = 86_400_000
// Resources of one host that are paused by themselves.
export const MAX_PAUSED_RESOURCES = 500
// What was moved to the quarantine is kept for so long.
export const QUARANTINE_MS = 30 * 86_400_000
// A host that is asked what it keeps reads a file or two.
export const QUESTION_TIMEOUT_MS = 15_000
