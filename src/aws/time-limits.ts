/** Of each of the SDK's three attempts, in milliseconds; without them the SDK waits for ever, and with no more it only warns. */
export const TIME_LIMITS = {
  connectionTimeout: 5_000,
  requestTimeout: 10_000,
  throwOnRequestTimeout: true,
} as const
