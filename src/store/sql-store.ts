import type { Store } from '../engine/ports.ts'
import { dropAnswer, forgetAnswers, keepAnswer, reserveAnswer } from './answers.ts'
import { auditHead, eventsAfter } from './audit-log.ts'
import { verifyAuditLog } from './audit-verification.ts'
import type { Database } from './database.ts'
import { readEpoch } from './epoch.ts'
import { listFreezes, pageOfFreezes } from './freezes.ts'
import { giveBack, mayTake, renewAll, takeLease } from './leases.ts'
import { findPromotion, listPromotions, nextPromotionNumber } from './promotions.ts'
import { createRecorder } from './record.ts'
import { findRelease, listReleases, releasesByPrefix } from './releases.ts'
import { findApproval, listApprovals, listChecks, pageOfApprovals, pageOfChecks } from './reviews.ts'
import { countOpenRollouts, findRollout, listRollouts, listServices } from './rollouts.ts'
import { snapshotInto } from './snapshot.ts'
import { listTokens, pageOfTokens } from './tokens.ts'

/** A store that can be copied while it is at work. */
export interface SqlStore extends Store {
  /** Copies all of it, as of one moment, into a new SQLite file. */
  snapshotInto(file: string): Promise<void>
}

/** The store on a database whose tables are up to date. */
export function createSqlStore(database: Database): SqlStore {
  const { kysely } = database
  const recorder = createRecorder(database)
  return {
    record: recorder.record,
    release: id => findRelease(kysely, id),
    releases: page => listReleases(kysely, page),
    releasesByPrefix: hex => releasesByPrefix(kysely, hex),
    checks: release => listChecks(kysely, release),
    approvals: release => listApprovals(kysely, release),
    approval: id => findApproval(kysely, id),
    checksPage: (release, page) => pageOfChecks(kysely, release, page),
    approvalsPage: (release, page) => pageOfApprovals(kysely, release, page),
    promotion: id => findPromotion(kysely, id),
    promotions: (filter, page) => listPromotions(kysely, filter, page),
    nextPromotionNumber: environment => nextPromotionNumber(kysely, environment),
    rollout: id => findRollout(kysely, id),
    rollouts: (filter, page) => listRollouts(kysely, filter, page),
    services: environment => listServices(kysely, environment),
    openRollouts: () => countOpenRollouts(kysely),
    freezes: () => listFreezes(kysely),
    tokens: () => listTokens(kysely),
    freezesPage: page => pageOfFreezes(kysely, page),
    tokensPage: page => pageOfTokens(kysely, page),
    reserveAnswer: (request, forgetUntil) => reserveAnswer(kysely, request, forgetUntil),
    keepAnswer: (key, answer) => keepAnswer(kysely, key, answer),
    dropAnswer: key => dropAnswer(kysely, key),
    forgetAnswers: until => forgetAnswers(kysely, until),
    async claim(request) {
      // Mostly there is nothing: whoever only looks keeps nobody from their turn.
      if (!(await mayTake(kysely, request))) return undefined
      return await kysely.transaction().execute(async transaction => {
        await database.takeTurn(transaction)
        return await takeLease(transaction, request)
      })
    },
    releaseLease: lease => giveBack(kysely, lease),
    renewLeases: (owner, now, leaseMilliseconds) => renewAll(kysely, owner, now + leaseMilliseconds),
    epoch: () => readEpoch(kysely),
    events: (after, limit) => eventsAfter(kysely, after, limit),
    lastSequence: async () => (await auditHead(kysely)).sequence,
    onRecorded: listener => database.listen(listener),
    verifyAudit: () => verifyAuditLog(database),
    snapshotInto: file => snapshotInto(database, file),
    async close() {
      await recorder.idle()
      await database.close()
    },
  }
}
