import type { LeafCommand } from '../command.ts'

export const server: LeafCommand = {
  name: 'server',
  summary: 'Run the server in the foreground',
  options: [
    { flags: '--host <address>', summary: 'where it listens', byDefault: '127.0.0.1' },
    { flags: '--port <number>', summary: 'at which port', kind: 'whole', byDefault: '7777, or a free one' },
    { flags: '--public-host <name>', summary: 'a name or address that others use for it', several: true },
  ],
  examples: [
    'sluice server # for the blueprint here, on loopback',
    'sluice server --host 0.0.0.0 --public-host sluice.example.com # for others: everybody needs a token',
    'DATABASE_URL=… sluice server # several of them work together on one PostgreSQL',
  ],
  async run(context, input) {
    const { requireBlueprint } = await import('../blueprint-file.ts')
    const { serve } = await import('../running/serve.ts')
    const blueprintFile = await requireBlueprint(context)
    await serve(context, {
      blueprintFile,
      host: input.text('host') ?? '127.0.0.1',
      port: input.number('port'),
      publicHosts: input.several('publicHost'),
    })
    return { json: { stopped: true }, lines: [] }
  },
}
