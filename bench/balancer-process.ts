import { createBalancer } from '../src/targets/local/balancer/balancer.ts'

/** Runs the balancer alone in a process: `balancer-process.ts PORT BACKEND_PORT`. Prints a line once it listens. */
const [port, backendPort] = process.argv.slice(2).map(Number)
const balancer = createBalancer({ now: () => performance.timeOrigin + performance.now() })
await balancer.openService({ environment: 'bench', service: 'web' })
for (const color of ['blue', 'green'] as const) {
  balancer.setBackends('bench', 'web', color, [{ id: color, origin: `http://127.0.0.1:${backendPort}` }])
}
balancer.setWeights('bench', 'web', { blue: 80, green: 20 })
balancer.setRoutes('bench', [{ path: '/', service: 'web' }])
await balancer.openEnvironment({ environment: 'bench', port: port ?? 0 })
process.on('SIGTERM', () => process.exit(0))
process.stdout.write('listening\n')
