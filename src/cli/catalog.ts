import type { CommandDefinition } from './command.ts'

export interface CatalogEntry {
  readonly name: string
  readonly summary: string
  readonly hidden?: true
  /** Only the command that runs is loaded. */
  load(): Promise<CommandDefinition>
}

/** Every command in the order of the help: from an empty folder to production, then what looks after it. */
export const CATALOG: readonly CatalogEntry[] = [
  {
    name: 'demo',
    summary: 'Watch releases go from dev to prod under load, one of them broken',
    load: async () => (await import('./commands/demo.ts')).demo,
  },
  {
    name: 'init',
    summary: 'Write a commented blueprint for what is in this folder',
    load: async () => (await import('./commands/init.ts')).init,
  },
  {
    name: 'import',
    summary: 'Begin with what runs already',
    load: async () => (await import('./commands/import.ts')).importing,
  },
  {
    name: 'check',
    summary: 'Say everything that is wrong with the blueprint',
    load: async () => (await import('./commands/check.ts')).check,
  },
  {
    name: 'render',
    summary: 'Write every file of every environment from the blueprint',
    load: async () => (await import('./commands/render.ts')).render,
  },
  {
    name: 'plan',
    summary: 'Say what Terraform would change in an environment, and what would be lost',
    load: async () => (await import('./commands/plan.ts')).plan,
  },
  {
    name: 'explain',
    summary: 'Show a value in every environment, or a rendered line, and where it comes from',
    load: async () => (await import('./commands/explain.ts')).explain,
  },
  {
    name: 'schema',
    summary: 'Print the JSON Schema of the blueprint',
    load: async () => (await import('./commands/schema.ts')).schema,
  },
  {
    name: 'up',
    summary: 'Run Sluice for the blueprint in this folder',
    load: async () => (await import('./commands/up.ts')).up,
  },
  {
    name: 'down',
    summary: 'Stop what `sluice up` started',
    load: async () => (await import('./commands/down.ts')).down,
  },
  {
    name: 'server',
    summary: 'Run the server in the foreground',
    load: async () => (await import('./commands/server.ts')).server,
  },
  {
    name: 'agent',
    summary: 'Run the process that owns instances and balancer on this machine',
    hidden: true,
    load: async () => (await import('./commands/agent.ts')).agent,
  },
  {
    name: 'status',
    summary: 'Show what runs where: environments as columns, services as rows',
    load: async () => (await import('./commands/status.ts')).status,
  },
  {
    name: 'diff',
    summary: 'Show what in an environment is not as it was released, and who changed it',
    load: async () => (await import('./commands/diff.ts')).diff,
  },
  {
    name: 'repair',
    summary: 'Make an environment as it was released, whoever changed it',
    load: async () => (await import('./commands/repair.ts')).repair,
  },
  {
    name: 'release',
    summary: 'Build once; list, show and compare what was built',
    load: async () => (await import('./commands/release.ts')).release,
  },
  {
    name: 'promote',
    summary: 'Bring a release into an environment',
    load: async () => (await import('./commands/promote.ts')).promote,
  },
  {
    name: 'approve',
    summary: 'Give your word for a release and an environment',
    load: async () => (await import('./commands/approve.ts')).approve,
  },
  {
    name: 'reject',
    summary: 'Refuse a release for an environment',
    load: async () => (await import('./commands/reject.ts')).reject,
  },
  {
    name: 'rollout',
    summary: 'Look at a rollout, hold it, move it or stop it',
    load: async () => (await import('./commands/rollout.ts')).rollout,
  },
  {
    name: 'rollback',
    summary: 'Bring users back to the release before, at once',
    load: async () => (await import('./commands/rollback.ts')).rollback,
  },
  {
    name: 'logs',
    summary: 'Show what the instances of a service write',
    load: async () => (await import('./commands/logs.ts')).logs,
  },
  {
    name: 'freeze',
    summary: 'Declare, list and lift freezes',
    load: async () => (await import('./commands/freeze.ts')).freeze,
  },
  {
    name: 'secret',
    summary: 'Write secrets and list their names and versions',
    load: async () => (await import('./commands/secret.ts')).secret,
  },
  {
    name: 'token',
    summary: 'Create, list and revoke tokens for people and CI jobs',
    load: async () => (await import('./commands/token.ts')).token,
  },
  {
    name: 'audit',
    summary: 'Read, verify and export what happened',
    load: async () => (await import('./commands/audit.ts')).audit,
  },
  {
    name: 'backup',
    summary: 'Write all that Sluice keeps into one file, while it runs',
    load: async () => (await import('./commands/backup.ts')).backup,
  },
  {
    name: 'restore',
    summary: 'Bring back what a backup holds, verified before anything is touched',
    load: async () => (await import('./commands/restore.ts')).restore,
  },
  {
    name: 'store',
    summary: 'Move what Sluice keeps between SQLite and PostgreSQL',
    load: async () => (await import('./commands/store.ts')).store,
  },
]
