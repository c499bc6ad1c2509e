import type { AssignmentRow, Db } from './tables.ts'

export const reads = {
  /** In the order in which they were assigned. */
  of: (db: Db, host: string): Promise<AssignmentRow[]> =>
    db
      .selectFrom('assignments')
      .selectAll()
      .where('host', '=', host)
      .orderBy('assigned_at')
      .orderBy('role')
      .execute(),

  list: (db: Db): Promise<AssignmentRow[]> =>
    db.selectFrom('assignments').selectAll().orderBy('host').orderBy('assigned_at').orderBy('role').execute(),
}

export const writes = {
  /** Returns the roles that the host did not have yet. */
  async assign(
    db: Db,
    { host, roles, by, at }: { host: string; roles: readonly string[]; by: string; at: number },
  ): Promise<string[]> {
    const added = []
    for (const role of roles) {
      const { numInsertedOrUpdatedRows } = await db
        .insertInto('assignments')
        .values({ host, role, assigned_at: at, assigned_by: by })
        .onConflict((on) => on.columns(['host', 'role']).doNothing())
        .executeTakeFirst()
      if (numInsertedOrUpdatedRows === 1n) added.push(role)
    }
    return added
  },

  /** Returns the roles that the host had. */
  async unassign(db: Db, { host, roles }: { host: string; roles: readonly string[] }): Promise<string[]> {
    if (roles.length === 0) return []
    const rows = await db
      .deleteFrom('assignments')
      .where('host', '=', host)
      .where('role', 'in', roles)
      .returning('role')
      .execute()
    return rows.map(({ role }) => role)
  },
}
