-- The packs and their cards, and a few collectors. 'pgfleet bench carddb --load' adds many more.
\copy sets (code, name, year, origin, dating, card_count, about) FROM 'sets.csv' CSV HEADER
\copy cards (set_code, number, name, attributes) FROM 'cards.csv' CSV HEADER

INSERT INTO users (name) VALUES ('ada'), ('blaise'), ('charlotte'), ('fusajiro'), ('pamela');

INSERT INTO collections (owner_id, name)
SELECT id, 'favourites' FROM users;

-- Each begins with the pack that suits her or him, new and complete.
INSERT INTO collection_items (collection_id, card_id, condition, quantity, price_paid)
SELECT collections.id, cards.id, 'mint', 1, 0.50
FROM collections
JOIN users ON users.id = owner_id
JOIN (VALUES ('ada', 'french'), ('blaise', 'neapolitan'), ('charlotte', 'spanish'),
             ('fusajiro', 'hanafuda'), ('pamela', 'rws')) AS taste (collector, set_code)
    ON collector = users.name
JOIN cards USING (set_code);

ANALYZE cards, users, collections, collection_items;
