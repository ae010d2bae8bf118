CREATE TABLE articles (price price, prices price[], offer offer);
