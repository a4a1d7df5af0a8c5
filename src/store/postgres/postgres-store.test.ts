import { afterAll, beforeAll, describe } from 'vitest'
import { needsPostgres, type Postgres, startPostgres } from '../../../test/harness/postgres.ts'
import { describeStore } from '../store-contract.ts'
import { openPostgresStore } from './open-postgres-store.ts'

describe.runIf(needsPostgres())('with a server', () => {
  let postgres: Postgres

  beforeAll(async () => {
    postgres = await startPostgres()
  })
  afterAll(() => postgres.end())

  describeStore('a store on PostgreSQL', async () =>
    openPostgresStore({ url: await postgres.createDatabase() }),
  )
})
