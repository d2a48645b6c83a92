/*
 * limits - every bound that is kept, and why it is what it is.
 *
 * A request up to twice REQUEST_BYTES_MAX gets an answer that says it is too big; above that libzmq
 * closes the connection before the bytes are taken in.
 */
#ifndef PROTO_LIMITS_H
#define PROTO_LIMITS_H

#define PROTOCOL_VERSION 1 // what `hello` offers and demands
#define FORMAT_VERSION 2   // of what stands in the store and in events
#define APPLY_VERSION 3    // of how events become entities; another one rebuilds the tables

// What comes in. Depth 8 is two more than the deepest row of fields.def needs.
#define WIRE_DEPTH_MAX 8
#define WIRE_ITEMS_MAX 4096
#define WIRE_MAP_MAX 256
// What goes out, which clients check as we check requests.
#define ANSWER_DEPTH_MAX 12
#define ANSWER_ITEMS_MAX 131072

#define ID_MAX 64           // of an event, a region, an entity
#define KIND_MAX 24         // the longest row of kinds.def fits
#define TYPE_MAX 48         // the longest row of events.def fits
#define SUBJECT_MAX 90      // kind/entity
#define PATH_MAX_BYTES 160  // region/kind/entity; also the longest key of the table entities
#define TOPIC_MAX 224       // /region/kind/entity/type
#define LINE_MAX_BYTES 2000 // no row of fields.def allows a longer line
#define HASH_BYTES 32       // SHA-256
#define LOG_ID_BYTES 16     // shown as 32 hex digits
#define CURVE_TEXT 40       // a CURVE key in Z85
#define SERVER_MAX 264      // [HOST]:PORT

#define EVENT_BYTES_MAX 65536    // one event, canonical, with all the daemon adds
#define PRIVATE_BYTES_MAX 32768  // one private part, its salt included
#define ENTITY_BYTES_MAX 262144  // one entity's record; an event that would pass it is refused
#define ENTITY_ITEMS_MAX 2048    // items of one list in a record; a map has WIRE_MAP_MAX
#define EVENTS_PER_POST_MAX 64   // events that stand or fall together
#define REQUEST_BYTES_MAX 262144 // one request
#define ANSWER_BYTES_MAX 262144  // one answer, but for a single larger entity
#define READ_EVENTS_MAX 4000     // events in one answer
#define ANSWER_MS_MAX 10         // a longer answer is continued by the client
#define FAULTS_MAX 32            // told at once; the count tells of more
#define FAULT_TEXT_MAX 8192      // of all faults of one post together

#define TURN_REQUESTS_MAX 1024            // one commit's worth
#define TURN_ERASURES_MAX 1024            // private parts that one commit may destroy
#define TURN_BYTES_MAX (4u * 1024 * 1024) // of requests in one turn
#define TURN_JOIN_MS 10                   // so long may more requests join a turn
#define IN_FLIGHT_MAX 1024                // posts and cursors one client may have unanswered
#define QUESTIONS_IN_FLIGHT_MAX 32        // questions: their answers may be large

#define CURSORS_MAX 4096       // named cursors, of everybody together
#define CURSORS_OWNER_MAX 256  // of one organisation
#define BEHIND_EVENTS_MAX 1000 // counted, of a cursor that is behind
#define FEED_PREFIXES_MAX 4096 // different subscriptions that get heartbeats
// libzmq keeps every subscription, and bounds none. A follower makes two a connection.
#define SUBSCRIPTIONS_MAX 4096   // of one key since the feed was cut; more than that revokes it
#define HEARTBEAT_MS 1000        // one a second for every subscribed prefix
#define HEARTBEAT_MISSED_MS 3000 // a follower without one reconnects
#define HEAD_MS 1000             // the HEAD file is never older
#define CLOCK_MS_MAX                                                                               \
    253402300799999u // the end of the year 9999; a later clock, or one before 1970, is wrong
#define CLOCK_BEHIND_MS_MAX 3600000u // a clock further behind the last event: posts are refused

#endif
