import { z } from 'zod'
import { callerOf, needs } from '../access/access.ts'
import { environmentInBody, scopeOf } from '../access/scopes.ts'
import { answered } from '../problems/answered.ts'
import { idSchema, releaseReferenceSchema } from '../schemas/basic.ts'
import { described } from '../schemas/described.ts'
import { emptyBody, pagedSchema, pageOf, pageQuery } from '../schemas/page.ts'
import { problems } from '../schemas/problem.ts'
import { approvalDecisionSchema, approvalSchema, checkReportSchema, checkSchema } from '../schemas/review.ts'
import type { Api } from '../typed.ts'
import type { RouteParts } from './route-parts.ts'

const params = z.strictObject({ ref: releaseReferenceSchema })
const tags = ['Reviews']

export function reviewRoutes(api: Api, parts: RouteParts): void {
  checkRoutes(api, parts)
  approvalRoutes(api, parts)
  withdrawRoute(api, parts)
}

function checkRoutes(api: Api, { controlPlane, store }: RouteParts): void {
  api.route({
    method: 'POST',
    url: '/api/v1/releases/:ref/checks',
    config: needs('report-check'),
    schema: {
      operationId: 'reportCheck',
      summary: 'Report the state of a check; a later report of the same name replaces it',
      tags,
      params,
      body: checkReportSchema,
      response: { 201: described('The check.', checkSchema), ...problems(400, 401, 403, 404, 409, 500) },
    },
    handler: async (request, reply) => {
      const { id } = answered(await controlPlane.findRelease(request.params.ref))
      const check = { ...request.body, release: id }
      const reported = answered(await controlPlane.reportCheck(check, callerOf(request).actor))
      reply.code(201)
      return reported
    },
  })
  api.route({
    method: 'GET',
    url: '/api/v1/releases/:ref/checks',
    config: needs('read'),
    schema: {
      operationId: 'listChecks',
      summary: 'Checks of a release, by name',
      tags,
      params,
      querystring: z.strictObject(pageQuery),
      response: {
        200: described('A page.', pagedSchema(checkSchema)),
        ...problems(400, 401, 403, 404, 409, 500),
      },
    },
    handler: async request => {
      const { id } = answered(await controlPlane.findRelease(request.params.ref))
      return await store.checksPage(id, pageOf(request.query))
    },
  })
}

function approvalRoutes(api: Api, { controlPlane, store }: RouteParts): void {
  api.route({
    method: 'POST',
    url: '/api/v1/releases/:ref/approvals',
    config: needs('approve', environmentInBody),
    schema: {
      operationId: 'decideApproval',
      summary: 'Approve or reject a release for an environment',
      tags,
      params,
      body: approvalDecisionSchema,
      response: {
        201: described('The approval.', approvalSchema),
        ...problems(400, 401, 403, 404, 409, 422, 500),
      },
    },
    handler: async (request, reply) => {
      const { id } = answered(await controlPlane.findRelease(request.params.ref))
      const decision = { ...request.body, release: id }
      const approval = answered(await controlPlane.decideApproval(decision, callerOf(request).actor))
      reply.code(201)
      return approval
    },
  })
  api.route({
    method: 'GET',
    url: '/api/v1/releases/:ref/approvals',
    config: needs('read'),
    schema: {
      operationId: 'listApprovals',
      summary: 'Approvals of a release, newest first',
      tags,
      params,
      querystring: z.strictObject(pageQuery),
      response: {
        200: described('A page.', pagedSchema(approvalSchema)),
        ...problems(400, 401, 403, 404, 409, 500),
      },
    },
    handler: async request => {
      const { id } = answered(await controlPlane.findRelease(request.params.ref))
      return await store.approvalsPage(id, pageOf(request.query))
    },
  })
}

function withdrawRoute(api: Api, { controlPlane, store }: RouteParts): void {
  api.route({
    method: 'POST',
    url: '/api/v1/approvals/:id/withdraw',
    config: needs('approve', async request => {
      const { id } = z.object({ id: z.string() }).parse(request.params)
      return scopeOf(await store.approval(id))
    }),
    schema: {
      operationId: 'withdrawApproval',
      summary: 'Take an approval back',
      tags,
      params: z.strictObject({ id: idSchema }),
      body: emptyBody,
      response: {
        200: described('The approval.', approvalSchema),
        ...problems(400, 401, 403, 404, 409, 500),
      },
    },
    handler: async request =>
      answered(await controlPlane.withdrawApproval(request.params.id, callerOf(request).actor)),
  })
}
