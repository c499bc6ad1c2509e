import { sql } from 'kysely'
import { migrations } from '../../../master/store/migrate.ts'
import { openFile } from '../../../master/store/open-file.ts'
import type { Db } from '../../../master/store/tables.ts'

/** What a later version of drover could do to its database. */
export const later = {
  ...migrations,
  '9001-moods': {
    async up(db: Db) {
      await db.schema.alterTable('runs').addColumn('mood', 'text').execute()
      await db.schema.createTable('moods').addColumn('name', 'text').execute()
      await sql`update runs set mood = 'good'`.execute(db)
      await sql`insert into moods values ('good')`.execute(db)
    },
  },
}

// Started as a program of its own, to be killed.
const [, program, path] = process.argv
if (program?.endsWith('migrate-once.js') && path !== undefined) (await openFile(path, later)).close()
