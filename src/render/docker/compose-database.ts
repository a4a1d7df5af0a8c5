import type { ResolvedEnvironment } from '../../blueprint/resolve-blueprint.ts'
import { variableOf } from './compose-mounts.ts'

const NAME = 'database'
const PASSWORD = 'database-password'
const PASSWORD_FILE = `/run/secrets/${PASSWORD}`

export interface ComposeDatabase {
  readonly services: Readonly<Record<string, object>>
  readonly volumes: Readonly<Record<string, object>>
  readonly secrets: Readonly<Record<string, object>>
}

/**
 * A database such as the environment has, for one developer; its password is that of whoever starts it. Undefined where
 * the environment has none, or the team calls a service of its own `database`.
 */
export function composeDatabase({ settings, services }: ResolvedEnvironment): ComposeDatabase | undefined {
  const { database } = settings
  if (database === false || services.some(({ name }) => name === NAME)) return undefined
  const { engine, version } = database
  return {
    services: {
      [NAME]: {
        image: `${imageName(engine)}:${version}`,
        environment: { [`${passwordVariable(engine)}_FILE`]: PASSWORD_FILE },
        volumes: [`${NAME}:${dataFolder(engine, version)}`],
        secrets: [PASSWORD],
      },
    },
    volumes: { [NAME]: {} },
    secrets: { [PASSWORD]: { environment: variableOf(PASSWORD) } },
  }
}

type Engine = Exclude<ResolvedEnvironment['settings']['database'], false>['engine']

function imageName(engine: Engine): 'postgres' | 'mysql' | 'mariadb' {
  if (engine === 'aurora-postgresql') return 'postgres'
  return engine === 'aurora-mysql' ? 'mysql' : engine
}

/** The variable of the official image that holds its administrator's password. */
function passwordVariable(engine: Engine): string {
  const image = imageName(engine)
  return image === 'postgres' ? 'POSTGRES_PASSWORD' : `${image.toUpperCase()}_ROOT_PASSWORD`
}

/** From release 18 on, the image of PostgreSQL keeps the folder of each major version below this one. */
function dataFolder(engine: Engine, version: string): string {
  if (imageName(engine) !== 'postgres') return '/var/lib/mysql'
  return Number.parseInt(version, 10) >= 18 ? '/var/lib/postgresql' : '/var/lib/postgresql/data'
}
