/** PostgreSQL's name of what tells that events were recorded (LISTEN, NOTIFY); the payload is the last one's number. */
export const EVENTS_CHANNEL = 'sluice_events'
