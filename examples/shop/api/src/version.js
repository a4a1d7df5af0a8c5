/** What this release calls itself. */
export const version = '1'

/** Share of quotes, 0 to 1, that this release gets wrong once it has been used a while: the fault that a demonstration ships. */
export const failureRate = 0
