import { firstTables } from './0001-first-tables.ts'
import { epochAndAnswers } from './0002-epoch-and-answers.ts'
import { rolloutNumbers } from './0003-rollout-numbers.ts'
import { dueByPromotion } from './0004-due-by-promotion.ts'
import type { Migration } from './migration.ts'

/** In order; the last one's version is what this program writes. */
export const MIGRATIONS: readonly Migration[] = [firstTables, epochAndAnswers, rolloutNumbers, dueByPromotion]
