type Page<Row> = { readonly rows: readonly Row[]; readonly next: string }

// The master gives no more in one answer.
const PAGE_ROWS = 500

/** The first `most` rows, from as many pages as it takes, and whether there are others. */
export async function firstRows<Row>(
  most: number,
  ask: (page: { page_size: number; page_token: string }) => Promise<Page<Row>>,
): Promise<{ rows: Row[]; more: boolean }> {
  const rows: Row[] = []
  let page_token = ''
  do {
    const page = await ask({ page_size: Math.min(most - rows.length, PAGE_ROWS), page_token })
    rows.push(...page.rows)
    page_token = page.next
  } while (page_token !== '' && rows.length < most)
  return { rows: rows.slice(0, most), more: page_token !== '' || rows.length > most }
}
