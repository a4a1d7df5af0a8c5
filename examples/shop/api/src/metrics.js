/** Seconds: what most answers take lies in the middle. */
const bounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5]

/** What Prometheus reads: answers by status, and how long they took. */
export function createMetrics() {
  /** @type {Map<number, number>} */
  const answers = new Map()
  const within = bounds.map(() => 0)
  let count = 0
  let sum = 0
  return {
    /** @param {number} status @param {number} seconds */
    count(status, seconds) {
      answers.set(status, (answers.get(status) ?? 0) + 1)
      bounds.forEach((bound, index) => {
        if (seconds <= bound) within[index] = (within[index] ?? 0) + 1
      })
      count += 1
      sum += seconds
    },
    /** In the text format of Prometheus ("Exposition formats"). */
    text() {
      const duration = 'http_request_duration_seconds'
      const lines = [
        '# TYPE http_requests_total counter',
        ...[...answers].map(([code, number]) => `http_requests_total{code="${code}"} ${number}`),
        `# TYPE ${duration} histogram`,
        ...bounds.map((bound, index) => `${duration}_bucket{le="${bound}"} ${within[index]}`),
        `${duration}_bucket{le="+Inf"} ${count}`,
        `${duration}_sum ${sum}`,
        `${duration}_count ${count}`,
      ]
      return `${lines.join('\n')}\n`
    },
  }
}

/** @typedef {ReturnType<typeof createMetrics>} Metrics */
