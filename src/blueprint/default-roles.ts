import { PERMISSIONS } from '../model/permissions.ts'
import type { Permission } from '../model/policy.ts'

/** What a role may do, as a blueprint says it; `first` stands for the first environments. */
export interface DefaultRole {
  readonly description: string
  readonly permissions: readonly Permission[]
  readonly first?: readonly Permission[]
}

/** Roles that exist without being written. */
export const DEFAULT_ROLES: Readonly<Record<string, DefaultRole>> = {
  viewer: { description: 'Sees everything, changes nothing.', permissions: ['read'] },
  ci: {
    description: 'Continuous integration: makes releases, reports checks, asks for promotion; gates decide.',
    permissions: ['read', 'create-release', 'report-check', 'promote'],
  },
  developer: {
    description: 'Makes releases and reviews them; runs the first environment.',
    permissions: ['read', 'create-release', 'approve'],
    first: ['promote', 'operate', 'rollback', 'manage-secrets'],
  },
  qa: { description: 'Tests and approves quality.', permissions: ['read', 'approve'] },
  product: { description: 'Approves for the business.', permissions: ['read', 'approve'] },
  operator: {
    description: 'Runs every environment.',
    permissions: ['read', 'approve', 'promote', 'operate', 'rollback', 'manage-freezes', 'manage-secrets'],
  },
  admin: { description: 'May do everything, break the glass included.', permissions: PERMISSIONS },
}
