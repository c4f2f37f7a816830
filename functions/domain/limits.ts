/** Every limit of the product, named once. The user-visible ones are documented in docs/limits.md. */

/** Webhooks of one namespace. */
export const WEBHOOKS_PER_NAMESPACE_MAX = 100;
/** Characters of a payload URL. */
export const PAYLOAD_URL_MAX_CHARACTERS = 2048;
/** Bytes of a secret, as UTF-8. */
export const SECRET_MAX_BYTES = 256;
/** How long a secret that is replaced goes on signing, where the request does not say, and at most. */
export const SECRET_OVERLAP_DEFAULT_SECONDS = 24 * 60 * 60;
export const SECRET_OVERLAP_MAX_SECONDS = 7 * 24 * 60 * 60;
/** How long a browser is signed in. */
export const SESSION_HOURS = 12;
/** Bytes of a request body that the REST API reads. */
export const REQUEST_BODY_MAX_BYTES = 64 * 1024;
/** Namespaces that are listed of one owner, and root namespaces that are looked at of those that a user collaborates on. */
export const NAMESPACES_LISTED_PER_OWNER_MAX = 500;
export const COLLABORATIONS_LISTED_MAX = 50;
/** Rows of one page, at most, and where the caller names none. */
export const PAGE_MAX_ROWS = 100;
export const PAGE_DEFAULT_ROWS = 25;

/** Attempts that one page of the log reads, at most: a filter that lets little through ends it early, as do those that have expired. */
export const LOG_ATTEMPTS_READ_MAX = 2_000;
/**
 * Events that one page of a list reads, at most, and with how many reads of the table, of up to 1 MB each: a filter that lets little
 * through ends it early, as do those that have expired and are not deleted yet.
 */
export const LOG_EVENTS_READ_MAX = 2_000;
export const LOG_EVENT_READS_MAX = 20;
/** Attempts that a recovery reads, at most, until it marks how far it is. */
export const RECOVERY_ATTEMPTS_READ_MAX = 2_000;
/** Deliveries on one page of the console's log, and those of them that are redelivered together. */
export const LOG_PAGE_ROWS = 50;
/** Characters of a payload or a response that a page of the console shows; the whole payload can be downloaded. */
export const BODY_SHOWN_MAX_CHARACTERS = 64 * 1024;

/** Bytes of one PutEvents request's entries, and of one SQS message (both 1 MiB since January 2026). */
export const BUS_REQUEST_MAX_BYTES = 1024 * 1024;
export const QUEUE_MESSAGE_MAX_BYTES = 1024 * 1024;
/** Bytes of the envelope that the bus puts around an event for the queue: its ids, type, source, account, region and time. */
const ENVELOPE_ALLOWANCE_BYTES = 1024;
/** Bytes of one event as it goes on the bus, its `Detail`: payload, id, time and namespace. */
export const EVENT_DETAIL_MAX_BYTES = BUS_REQUEST_MAX_BYTES - ENVELOPE_ALLOWANCE_BYTES;
/** Events that an entry of the bus may hold together: ten such entries, each event for a hundred webhooks, are one run of `ingest`. */
export const EVENTS_PER_ENTRY_MAX = 10;
/** How far the time of an event may be ahead of our clock: one of next year would head every list until then. */
export const EVENT_AHEAD_MAX_MINUTES = 5;
/** Bytes of a request body that brings an event: room for white space around what of it goes on the bus. */
export const EVENT_BODY_MAX_BYTES = 1024 * 1024;

/** Characters of an `Idempotency-Key`, and how long a request with it may be repeated. */
export const IDEMPOTENCY_KEY_MAX_CHARACTERS = 255;
export const IDEMPOTENCY_RETENTION_HOURS = 24;

/**
 * One attempt, from the DNS question to the last byte that is read of the reply; the parts of it for the DNS answer, and for
 * connecting, TLS included.
 */
export const ATTEMPT_DEADLINE_MS = 15_000;
export const RESOLVE_DEADLINE_MS = 5_000;
export const CONNECT_DEADLINE_MS = 5_000;
/** Addresses of a receiver that are tried in turn where they do not connect, each in its share of that time. */
export const ADDRESSES_TRIED_MAX = 3;
/** Addresses of a destination that was refused which the log names; it counts the others. */
export const REFUSED_ADDRESSES_LOGGED_MAX = 10;
/** Bytes of an answer of the API, as Lambda counts them, which has room for 6 MB. */
export const ANSWER_MAX_BYTES = 6_000_000;
/** Attempts of one delivery that are shown, the newest ones: three runs of the schedule. */
export const ATTEMPTS_SHOWN_MAX = 30;
/** Attempts of one delivery, by the digits that the log has for their numbers; a redelivery needs room for its whole run. */
export const ATTEMPTS_PER_DELIVERY_MAX = 9_999;
/** Events of a batch that went back to their queue which the log names; it counts the others. */
export const EVENTS_LOGGED_MAX = 10;
/**
 * A connection to a receiver is used again if it was idle for less than this, and is no older: most servers close idle ones after 5 s,
 * and a certificate that ends is noticed within a minute. Of the idle ones of a process so many are kept.
 */
export const CONNECTION_IDLE_MAX_MS = 4_000;
export const CONNECTION_AGE_MAX_MS = 60_000;
export const CONNECTIONS_KEPT_MAX = 64;
/** Bytes that a receiver may say until TLS is agreed on: certificates and all, most say four or five thousand. */
export const HANDSHAKE_MAX_BYTES = 64 * 1024;
/** Bytes of a reply's head, and interim responses (1xx) before it. */
export const REPLY_HEAD_MAX_BYTES = 16 * 1024;
export const INTERIM_RESPONSES_MAX = 20;
/** Bytes of a reply that are read, and those of them that are kept for the log. */
export const REPLY_READ_MAX_BYTES = 64 * 1024;
export const REPLY_KEPT_MAX_BYTES = 16 * 1024;
/** Bytes on the wire for one reply: interim responses, and TLS around it, in records as small as anybody means. */
export const REPLY_WIRE_MAX_BYTES = 1024 * 1024;

/** Days before its end from which on an attempt warns of the receiver's certificate. */
export const CERTIFICATE_WARNING_DAYS = 14;

/** A webhook is deactivated that has only failed for so long, and in its present spell so often and for so long. */
export const DEACTIVATED_AFTER_DAYS = 5;
export const DEACTIVATED_AFTER_ATTEMPTS = 10;
export const DEACTIVATED_AFTER_SPELL_HOURS = 12;
/** A silence that ends a spell of failures: longer than the schedule waits (28.8 hours with jitter). */
export const SPELL_ENDS_AFTER_SILENCE_HOURS = 36;
/**
 * Hours from the end of an attempt on for which it says how its receiver does. A message that comes again because what follows from its
 * attempt was cut does so within half an hour, its ten receives, or somewhat later where the queue is behind. Days later come copies of an event
 * and dead letters that are sent back: they find an attempt that has had its say, and a receiver that may have answered many since.
 */
export const ATTEMPT_SAYS_FOR_HOURS = 2;
/** A webhook that has only failed, so often and for so long, is told of on the bus. */
export const FAILING_TOLD_AFTER_ATTEMPTS = 3;
export const FAILING_TOLD_AFTER_MINUTES = 10;
/** Once its failures are counted, so often is noted that a webhook still fails: the writes that a dead receiver costs. */
export const FAILING_NOTED_EVERY_HOURS = 1;

/** A circuit opens when so many attempts, this share of them failed, have been counted over so long. */
export const CIRCUIT_OPENS_AFTER_ATTEMPTS = 10;
export const CIRCUIT_OPENS_AT_SHARE = 0.8;
export const CIRCUIT_OPENS_AFTER_SECONDS = 10;
/** From so many attempts on, those that were counted before weigh half; after such a silence, nothing. */
export const CIRCUIT_WINDOW_ATTEMPTS = 20;
export const CIRCUIT_WINDOW_MINUTES = 10;
/** Minutes from an open circuit's last failure to its next probe: the first, and after each one that failed; the last of them for all others. */
export const CIRCUIT_PROBES_AFTER_MINUTES: readonly number[] = [1, 2, 4, 8, 15];
/** POSTs to one webhook, of those that take longer than `SLOW_POST_MS`, that may be under way when another is begun. */
export const SLOW_POSTS_PER_WEBHOOK_MAX = 10;
export const SLOW_POST_MS = 2_000;

/** Hours that a delivery is held because its webhook's secret cannot be opened, until it is given up. */
export const UNSIGNED_MAX_HOURS = 72;

/** Days that a webhook may be paused, from the beginning of its pause: well within what the log keeps. */
export const PAUSE_MAX_DAYS = 14;
/** Deliveries of one webhook that one run of the schedule, once a minute, releases of those that were held. */
export const RELEASES_PER_WEBHOOK_AND_RUN_MAX = 1_000;
/** Deliveries that one run of the schedule, once a minute, sends of all that are due. */
export const RETRIES_PER_RUN_MAX = 6_000;

/** Days that deliveries stay in the log. */
export const DELIVERY_RETENTION_DAYS = 30;
/** Days that an event's payload stays: the log's days, and the 75.6 hours (with jitter, 91) that retries may take. */
export const EVENT_RETENTION_DAYS = DELIVERY_RETENTION_DAYS + 4;
/**
 * Days for which a copy of an event sends its deliveries again: as long as the first message may live (14, dead letters included) and, sent
 * back from the dead letters, once more. Two days later the attempts that such deliveries are known by begin to expire.
 */
export const EVENT_SENT_AGAIN_MAX_DAYS = DELIVERY_RETENTION_DAYS - 2;

/** Bytes of a payload from which on a list does not say what its event is about: it would have to be read whole. */
export const ABOUT_PAYLOAD_MAX_BYTES = 64 * 1024;
/** Deliveries that are looked up for a page of events; of the events that have more, the page counts them. */
export const OVERVIEW_DELIVERIES_MAX = 200;

/** Characters of a signature that somebody has checked: several of Standard Webhooks' are a few hundred. */
export const CHECKED_SIGNATURE_MAX_CHARACTERS = 1024;
/** Bytes of a body whose signature is also compared with those of what frameworks make of it; of each they have to write a dozen others. */
export const REENCODED_BODY_MAX_BYTES = 256 * 1024;

/** Bytes of a body that stands in a command for `curl` itself; a longer one comes from a file. */
export const CURL_BODY_MAX_BYTES = 16 * 1024;

/** Hours that the sparkline and the charts of a webhook go back. */
export const RECENT_HOURS = 24;
/** Attempts of a webhook, the newest, that a sparkline in a list is made of, and the charts on a page of its own. */
export const SPARKLINE_ATTEMPTS_MAX = 200;
export const CHART_ATTEMPTS_MAX = 1_000;

/** Deliveries that one run of the schedule, once a minute, redelivers for one recovery: its receiver has just come back. */
export const RECOVERY_DELIVERIES_PER_RUN_MAX = 3_000;
/** Deliveries that a recovery redelivers between two marks of how far it is: what a crash makes it look at again. */
export const RECOVERY_PAGE_DELIVERIES = 100;
/** Reads of the table, of up to 100 events or 1 MB each, with which a recovery looks for missed events until it marks how far it is. */
export const RECOVERY_EVENT_READS_MAX = 20;
/** Days after its activation that a webhook offers to recover what it missed: as long as the log can tell. */
export const MISSED_OFFERED_DAYS = 30;
/** Days before a webhook became inactive, failed or was paused that the offer reaches back: what was still to be tried then was cancelled. */
export const MISSED_REACHES_BACK_DAYS = EVENT_RETENTION_DAYS - DELIVERY_RETENTION_DAYS;
/** Days that a recovery can be looked at after its end. */
export const RECOVERY_RETENTION_DAYS = 30;

/** Dead letters of one queue that the command line lists, where the operator names no number, and at most. */
export const DEAD_LETTERS_DEFAULT_ROWS = 100;
export const DEAD_LETTERS_MAX_ROWS = 1000;
/** Names of a namespace's path, and its characters: with its owner's name it must fit into a key of the table, of 2,048 bytes. */
export const NAMESPACE_DEPTH_MAX = 20;
export const PATH_MAX_CHARACTERS = 1024;
/** How long one batch of events goes through what lies below changed namespaces: half of the 30 s that its function may run. */
export const TREE_WALKS_MAX_MS = 15_000;
/** Characters that the directory keeps of a namespace's description, and those of an address that it keeps at all. */
export const DESCRIPTION_MAX_CHARACTERS = 4096;
export const EMAIL_MAX_CHARACTERS = 320;
/** Days that a webhook which ended with its namespace stays, hidden: longer than the news of that may wait in a queue. */
export const ENDED_WEBHOOK_RETENTION_DAYS = 14;

/** Hours after which an event's delivery without any attempt counts as missing to the audit: no queue is that far behind. */
export const AUDIT_MISSING_AFTER_HOURS = 6;
/** Violations that an audit's report tells of one by one; it counts the others. */
export const AUDIT_VIOLATIONS_SHOWN_MAX = 100;
