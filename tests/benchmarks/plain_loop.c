/* The kernel's work as a plain loop in C over the same tables: what a compiler makes of it when nobody minds Python.

   It gives what the kernel gives, cells and flags, but for what its rows leave out: no two events of one instant are
   tried the other way round, every sending is in the log before its statuses, and no entry point's end is stated. */
#include <stdint.h>
#include <string.h>

#define LANES 12
#define STATES 6
#define FAR (1LL << 62)
enum { LENGTH, COUNTED, THEN, IS_OPEN, HIDDEN, KEEPS_OPENED, CLOCK_COLUMNS };
enum { NEXT, LEFT, NONE, OPS, OPS_END, BITS, WINNER, FIRST_JOINED, CELL_COLUMNS };
enum { LANE, STATE, CLOCK, COUNTS, LASTS, AT_MOST, OPENED, STATED, REPORTS, OP_COLUMNS };
enum { UNTIL, EDITION, LANE_COUNT, REMEMBERS, FORGET, ATTACH, ENTRY_LANE, ELIGIBLE, ANSWERABLE, AT_SENDING, OVER_LENGTH,
       OVER_FROM, NOTHING, UNKNOWN, FAILED_UNKNOWN, FAILED_CELL, FAILED_REACHED, ROWS, ERA_COLUMNS };
enum { EVENT, MESSAGE, INFERRED, CONTENT, CATEGORY, SYMBOL_COLUMNS };
enum { KNOWS, SENT_AT, ABOUT, SLOT_COLUMNS };
enum { SENT_CONTENT, SENT_CATEGORY, IS_APP, MESSAGE_COLUMNS };
enum { KNOWN = 1, ANSWERED = 2, REFUSED = 4, DELIVERED = 8, FAILED = 16, IS_INFERRED = 32 };
enum { REFUSED_LEFT = 2 };
enum { BOUNDARY, THOUGH_REFUSED, AND_FAILED, DRIFT, OF_INFERRED };
enum { SENT = 8, FAILED_EVENT = 9, NEWEST = 1 };

typedef struct {
    const int64_t *era_begins, *era_edition, *eras, *lanes, *clocks, *carried, *carried_state, *weights, *symbols,
        *messages;
    const int32_t *rows, *places, *cells;
    const int64_t *ops, *sizes;
} tables;

typedef struct { int64_t clock[LANES], opened[LANES], state[LANES], ran_out; } lanes_of;

static void run_out(const tables *t, lanes_of *v, const int64_t *law, int64_t *configuration, int64_t *due, int64_t to) {
    int64_t lanes = law[LANE_COUNT], edition = law[EDITION];
    for (;;) {
        int64_t at = FAR, lane = -1;
        for (int64_t each = 0; each < lanes; each++)
            if (v->clock[each] < at) { at = v->clock[each]; lane = each; }
        if (at > to) { *due = at; return; }
        const int64_t *was = t->clocks + ((edition * LANES + lane) * STATES + v->state[lane]) * CLOCK_COLUMNS;
        int64_t then = was[THEN];
        const int64_t *now = t->clocks + ((edition * LANES + lane) * STATES + then) * CLOCK_COLUMNS;
        v->clock[lane] = now[LENGTH] < 0 ? FAR
                       : now[COUNTED] == 2 ? (v->opened[lane] < 0 ? at : v->opened[lane] + now[LENGTH])
                       : at + now[LENGTH];
        *configuration += (then - v->state[lane]) * t->weights[edition * LANES + lane];
        v->state[lane] = then;
        if (!was[HIDDEN]) v->ran_out = at;
        if (law[REMEMBERS] && was[IS_OPEN] == 1 && now[IS_OPEN] == 0 && now[KEEPS_OPENED] == 0)
            v->opened[lane] = -1;
    }
}

/* How many rows it ran; less than there are if a cell is missing. */
int64_t plain_loop(const tables *t, int64_t *slots, int64_t threads, const int64_t *starts, const int32_t *classes,
                   const int64_t *at_of, const int32_t *about, const int32_t *kinds, const int32_t *flags, int32_t *out,
                   int32_t *raised) {
    lanes_of v;
    for (int64_t thread = 0; thread < threads; thread++) {
        int64_t first = starts[thread], last = starts[thread + 1], era = 0, configuration = 0, due = FAR, horizon = -1;
        while (era + 1 < t->sizes[3] && t->era_begins[era + 1] <= at_of[first]) era++;
        v.ran_out = -1;
        for (int64_t lane = 0; lane < LANES; lane++) { v.clock[lane] = FAR; v.opened[lane] = -1; v.state[lane] = 0; }
        for (int64_t row = first; row < last; row++) {
            int64_t at = at_of[row], sent_at = at, cell;
            const int64_t *law = t->eras + era * ERA_COLUMNS;
            while (law[UNTIL] <= at) {
                if (due <= law[UNTIL]) run_out(t, &v, law, &configuration, &due, law[UNTIL]);
                int64_t next = law[ERA_COLUMNS + EDITION];
                if (next != law[EDITION]) {
                    lanes_of old = v;
                    configuration = 0;
                    for (int64_t lane = 0; lane < t->lanes[next]; lane++) {
                        int64_t source = t->carried[next * LANES + lane];
                        v.state[lane] = source < 0 ? 0 : t->carried_state[(next * LANES + lane) * STATES + old.state[source]];
                        v.clock[lane] = source < 0 ? FAR : old.clock[source];
                        v.opened[lane] = source < 0 ? -1 : old.opened[source];
                        configuration += v.state[lane] * t->weights[next * LANES + lane];
                    }
                }
                era++;
                law += ERA_COLUMNS;
            }
            if (due <= at) run_out(t, &v, law, &configuration, &due, at);
            const int64_t *symbol = t->symbols + kinds[row] * SYMBOL_COLUMNS;
            int64_t classes_count = t->sizes[1], act = kinds[row] * classes_count, *slot = 0, bits = 0, known = 0;
            int32_t flag = 0;
            if (symbol[EVENT] >= SENT) {
                slot = slots + (about[row] >> 1) * SLOT_COLUMNS;
                if (about[row] & 1) slot[KNOWS] = 0;
                bits = slot[KNOWS];
                known = (bits & KNOWN) && slot[SENT_AT] >= horizon;
                if (v.ran_out == at) flag |= flags[BOUNDARY];
                if (symbol[EVENT] == SENT) {
                    act += classes[thread];
                } else if (!known) {
                    return row;
                } else if (symbol[EVENT] == FAILED_EVENT) {
                    out[row] = (int32_t)law[bits & DELIVERED ? FAILED_REACHED : FAILED_CELL];
                    if (flag) raised[row] = flag;
                    slot[KNOWS] = bits | FAILED;
                    continue;
                } else if (bits & DELIVERED) {
                    out[row] = (int32_t)law[NOTHING];
                    if (flag) raised[row] = flag;
                    continue;
                } else {
                    int64_t message = slot[ABOUT], answers = 0;
                    const int64_t *sent = t->messages + message * MESSAGE_COLUMNS;
                    sent_at = slot[SENT_AT];
                    if (symbol[INFERRED] && symbol[CATEGORY] >= 0 && !(bits & IS_INFERRED) &&
                        symbol[CONTENT] == sent[SENT_CONTENT] && symbol[CATEGORY] != sent[SENT_CATEGORY]) {
                        message = symbol[MESSAGE];
                        sent = t->messages + message * MESSAGE_COLUMNS;
                        flag |= flags[DRIFT];
                    }
                    if (law[ENTRY_LANE] >= 0 && !sent[IS_APP] && (law[ANSWERABLE] >> v.state[law[ENTRY_LANE]] & 1)) {
                        if (!law[AT_SENDING]) answers = v.state[law[ENTRY_LANE]] == law[ELIGIBLE];
                        else if (bits & ANSWERED)
                            answers = law[OVER_LENGTH] < 0 || (law[OVER_FROM] == 1 ? sent_at : at) + law[OVER_LENGTH] > at;
                    }
                    act = (t->sizes[0] + 2 * message + answers) * classes_count + classes[thread];
                    if (bits & REFUSED) flag |= flags[THOUGH_REFUSED];
                    if (bits & FAILED) flag |= flags[AND_FAILED];
                    if (bits & IS_INFERRED) flag |= flags[OF_INFERRED];
                    slot[KNOWS] = bits | DELIVERED;
                    slot[ABOUT] = message;
                }
            }
            int64_t base = t->rows[law[ROWS] + act];
            if (base < 0 || (cell = t->places[base + configuration]) < 0) return row;
            if (symbol[EVENT] == SENT) {
                int64_t new = KNOWN | (known ? bits & (DELIVERED | FAILED) : 0);
                if (law[ENTRY_LANE] >= 0 && v.state[law[ENTRY_LANE]] == law[ELIGIBLE]) new |= ANSWERED;
                if (symbol[INFERRED]) new |= IS_INFERRED;
                if (t->cells[cell * CELL_COLUMNS + BITS] & REFUSED_LEFT) new |= REFUSED;
                slot[KNOWS] = new;
                slot[SENT_AT] = at;
                slot[ABOUT] = symbol[MESSAGE];
                if (horizon < at - law[FORGET]) horizon = at - law[FORGET];
            } else if (slot && t->cells[cell * CELL_COLUMNS + FIRST_JOINED] > 1) {
                int64_t first = cell, best = -1, rivals = t->cells[cell * CELL_COLUMNS + FIRST_JOINED];
                for (int64_t rival = first; rival < first + rivals; rival++) {
                    int64_t clock = v.clock[t->cells[rival * CELL_COLUMNS + WINNER]];
                    if (clock == FAR) clock = 0;
                    if (best < 0 || (law[ATTACH] == NEWEST ? clock > best : clock < best)) { best = clock; cell = rival; }
                }
            }
            out[row] = (int32_t)cell;
            if (flag) raised[row] = flag;
            if (symbol[EVENT] == SENT) continue;
            const int32_t *does = t->cells + cell * CELL_COLUMNS;
            configuration = does[NEXT];
            for (int64_t number = does[OPS]; number < does[OPS_END]; number++) {
                const int64_t *op = t->ops + number * OP_COLUMNS;
                int64_t lane = op[LANE], opened = v.opened[lane], clock = v.clock[lane];
                if (op[CLOCK] == 2 && clock != FAR && opened >= 0 && op[AT_MOST] >= 0) {
                    int64_t longer = clock + op[LASTS], most = opened + op[AT_MOST];
                    clock = longer < most ? longer : most;
                }
                if (op[OPENED] == 1) opened = at; else if (op[OPENED] == 2) opened = -1;
                if (op[CLOCK] == 1)
                    clock = op[COUNTS] == 2 ? (opened < 0 ? at : opened + op[LASTS])
                          : (op[COUNTS] == 1 ? sent_at : at) + op[LASTS];
                else if (op[CLOCK] != 2) clock = FAR;
                v.state[lane] = op[STATE];
                v.opened[lane] = opened;
                v.clock[lane] = clock;
                if (clock < due) due = clock;
            }
        }
    }
    return starts[threads];
}
