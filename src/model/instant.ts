/** Milliseconds since the Unix epoch. Time reaches the model as an argument; nothing here reads a clock. */
export type Instant = number
