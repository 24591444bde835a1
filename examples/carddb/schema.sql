-- CardDB: who owns which playing card, in what condition, and for how much.

CREATE TABLE sets (
    code       text PRIMARY KEY CHECK (code ~ '^[a-z]+$'),
    name       text NOT NULL UNIQUE,
    year       integer NOT NULL CHECK (year BETWEEN 1370 AND 2100),
    origin     text NOT NULL,
    dating     text NOT NULL,
    card_count integer NOT NULL CHECK (card_count > 0),
    about      text NOT NULL
);
COMMENT ON TABLE sets IS 'A pack of cards as it is sold: one deck of a certain pattern.';
COMMENT ON COLUMN sets.year IS 'A year to sort by; dating says what is known.';

CREATE TABLE cards (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    set_code   text NOT NULL REFERENCES sets,
    number     integer NOT NULL CHECK (number > 0),
    name       text NOT NULL,
    attributes jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(attributes) = 'object'),
    -- All words of the name and of the attributes' values; 'simple' because names are in many languages.
    search     tsvector NOT NULL GENERATED ALWAYS AS (
                   setweight(to_tsvector('simple', name), 'A')
                   || setweight(jsonb_to_tsvector('simple', attributes, '["string"]'), 'B')
               ) STORED,
    UNIQUE (set_code, number)
);
COMMENT ON TABLE cards IS 'A card of a set. What only some sets know of their cards is in attributes.';
COMMENT ON COLUMN cards.attributes IS
    'Differs from set to set: suit, rank, element, month, points, names in other languages.';
COMMENT ON COLUMN cards.search IS 'For websearch_to_tsquery(''simple'', ...); follows the other columns by itself.';
-- jsonb_path_ops is smaller and quicker than the default and answers @>, which is what searches use.
CREATE INDEX cards_attributes ON cards USING gin (attributes jsonb_path_ops);
CREATE INDEX cards_search ON cards USING gin (search);

CREATE TABLE users (
    id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name      text NOT NULL UNIQUE CHECK (name ~ '^[a-z0-9-]{1,40}$'),
    coins     bigint NOT NULL DEFAULT 100000 CHECK (coins >= 0),
    joined_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE users IS 'Collectors.';
COMMENT ON COLUMN users.coins IS 'What a collector can pay with; trades move coins, they make none.';

CREATE TABLE collections (
    id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    owner_id bigint NOT NULL REFERENCES users ON DELETE CASCADE,
    name     text NOT NULL,
    UNIQUE (owner_id, name)
);
COMMENT ON TABLE collections IS 'A box or binder of a collector.';

CREATE TABLE collection_items (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    collection_id bigint NOT NULL REFERENCES collections ON DELETE CASCADE,
    card_id       bigint NOT NULL REFERENCES cards,
    condition     text NOT NULL CHECK (condition IN ('mint', 'fine', 'good', 'worn', 'damaged')),
    quantity      integer NOT NULL CHECK (quantity > 0),
    price_paid    numeric(10, 2) CHECK (price_paid >= 0),
    acquired_on   date NOT NULL DEFAULT current_date,
    UNIQUE (collection_id, card_id, condition)
);
COMMENT ON TABLE collection_items IS 'Copies of one card in one condition within a collection.';
COMMENT ON COLUMN collection_items.price_paid IS 'For each copy, the latest price; null if unknown or inherited.';
-- Who has this card? The unique key above answers what is in a collection.
CREATE INDEX collection_items_card ON collection_items (card_id);

CREATE TABLE operations (
    id        uuid PRIMARY KEY,
    kind      text NOT NULL CHECK (kind IN ('add', 'trade')),
    quantity  integer NOT NULL,
    attempts  integer NOT NULL DEFAULT 1 CHECK (attempts > 0),
    done_at   timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE operations IS
    'Changes by an id that the client chose. A client that lost the answer asks again with the same id and finds its change done.';
COMMENT ON COLUMN operations.quantity IS 'Copies that came into the collections by it; a trade brings none.';
COMMENT ON COLUMN operations.attempts IS 'How often it was asked for; it was done once.';
