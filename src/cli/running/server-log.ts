/** In the state folder: what a server in the background says. */
export const SERVER_LOG = 'server.log'

/** Beyond this it is turned over into `server.log.1`, when a server starts and while it runs. */
export const LARGEST_LOG_BYTES = 10 * 1000 ** 2
