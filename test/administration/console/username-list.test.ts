import { readUsernameList } from '../../../src/administration/console/username-list.ts';

describe('a list of users', () => {
  it.each([
    ['one in each line', 'ada@example.com\n\n grace@example.com\nADA@example.com'],
    ['as an editor on Windows saves it', '\uFEFFada@example.com\r\ngrace@example.com\r\n'],
    ['CSV with a header', 'name,email\n"Lovelace, Ada",ada@example.com\nGrace,grace@example.com\n'],
    ['CSV of a German spreadsheet', 'Name;E-Mail\n"Lovelace; Ada";"ada@example.com"\nGrace;grace@example.com'],
    ['a table that was copied', 'Username\tName\nada@example.com\tAda\ngrace@example.com\tGrace'],
    ['CSV without a header', '"ada@example.com",Ada\ngrace@example.com,Grace "G" Hopper'],
  ])('is read: %s', (_form, text) => {
    expect(readUsernameList(text)).toEqual({ usernames: ['ada@example.com', 'grace@example.com'], faulty: [] });
  });

  it('says which rows hold no user', () => {
    const { usernames, faulty } = readUsernameList('ada@example.com\n"Ada" <ada@example.com>\nfoo, bar\n');
    expect(usernames).toEqual(['ada@example.com']);
    expect(faulty).toEqual(['"Ada" <ada@example.com>', 'foo, bar']);
  });

  it('leaves out nothing silently after a quote that is not closed', () => {
    const { usernames, faulty } = readUsernameList('ada@example.com\n"grace@example.com\njoan@example.com');
    expect(usernames).toEqual(['ada@example.com']);
    expect(faulty).toEqual(['"grace@example.com\njoan@example.com']);
  });
});
