/// What people choose when they may, and so what is tried first: words, names, clubs, bands,
/// places, and whole passwords that turn up in every published leak. Read only when somebody
/// chooses a password, so it costs nothing at the start of a program.
///
/// Words too short to be a password are there for what people build on them. Sequences, keyboard
/// walks, repetitions, dates, "a word and a few digits" and letters replaced by digits are rules,
/// in `PasswordRule`.
enum CommonPasswords {
    /// - Parameter word: in lower case.
    static func contain(_ word: some Sequence<UInt8>) -> Bool {
        list.withUTF8Buffer { bytes in
            bytes.split { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\n") }
                .contains { $0.elementsEqual(word) }
        }
    }

    private static let list: StaticString = """
        !qaz2wsx 00000000 01020304 0102030405 0p9o8i7u 10203040 1020304050 11111111 111222333
        11223344 1122334455 112233445566 1123581321 12131415 123123123 123321123 12341234 12344321
        123454321 1234554321 123456789a 123456789q 12345678a 1234567q 123456a 1234abcd 1234asdf
        1234qwer 123654789 123abc123 123qwe123 123qweasd 123qweasdzxc 13141314 1314520 13579246
        135792468 1357924680 14142135 147258369 147852369 159357456 159753456 1a2b3c4d 1a2s3d4f
        1q1q1q1q 1q2w3e4r 1q2w3e4r5t 1q2w3e4r5t6y 1qaz2wsx 1qaz2wsx3edc 1qaz@wsx 1qazxsw2 1z2x3c4v
        2468101214 24681357 246813579 27182818 2wsx3edc 31415926 314159265 3141592654 321654987
        42042069 45674567 456789123 50cent 52013145 5201314520 66666666 69696969 741852963 7758521
        77777777 789456123 87654321 88888888 963852741 987654321 9876543210 a12345678 a123456789
        a1b2c3d4 a1b2c3d4e5 a1s2d3f4 aa123456 abc123 abc12345 abc123456 abc123abc abcd1234
        abcd123456 abcde12345 abcdef123 abdullah abigail access accessgranted account acdc acdcacdc
        achilles acmilan adgangskode admin adminadmin administrador administrator adminpassword
        adrian adriana adrienne aerosmith africa agata agent007 agnieszka ahmed ahoj airforce aisha
        ajax ajaxamsterdam alabama aladdin alaska albert alberto alejandra alejandro alessandro
        alessia alex alexander alexanderthegreat alexandr alexandra alexandre alexandru alexis
        alfaromeo alfredo alianzalima aliceinwonderland alicia alison allah allahuakbar alligator
        allison aloha always alwayslove alyssa amanda amazing amazinggrace amazon amber amelia amen
        america amethyst amor amorcito amoremio amormeu amsterdam anakin analog analsex anastasia
        andrea andreas andreea andrew android angel angela angelbaby angeleyes angelica angelina
        angelito angelo angels anhyeuem anna annabelle annamaria anne annette anthony anthrax
        antonia antonio anything aphrodite apollo apple apples april aquarius aragorn archery
        argentina ariana ariel aries arizona armando army arsenal arsenalfc artemis arthur artist
        artists arturo asd123 asd123456 asdasd asdasdasd asdf asdfasdf asdfgh asdfghjkl ashley
        assassin asshole astonvilla astros athena athens athletics atlanta atletico atomic audi
        audrey august augustin aurelie austin australia austria autumn avengers awesome ayse azerty
        azertyuiop babe babes baby babyblue babyboy babycakes babydoll babyface babygirl backstreet
        backstreetboys bacon badass badboy badgirl bailey ballet banana bananas bandit bangladesh
        bank banking barbara barbie barbiegirl barca barcelona bart bartosz bartsimpson baseball
        basketball bass bastard batgirl batman battlefield bayern bayernmunchen bayernmunich beach
        beachbum beaches beagle bear bears beatles beatrice beatriz beautiful beauty beckham beijing
        belgium believe bemvindo benfica bengals benjamin bentley benvenuto berlin bernardo besiktas
        best bestfriend bestfriends beyonce bff bible bicycle bieber bienvenido bienvenue bigbang
        bigboobs bigboy bigbrother bigcock bigdaddy bigdick bigdog biggie bigmac bigman bigmouth
        bigred bigtits bilbo billion billionaire biology bismillah bitch bitches bitcoin black
        blackberry blackcat blackdog blackhawks blackie blackjack blackman blacksabbath blade
        bladerunner bleach blessed blessing blink182 blizzard blowjob blue blueberry bluebird
        blueblue bluedevils blueeyes bluejay bluemoon bluesky bmw bobmarley bocajuniors bomber
        bond007 bonjour bonjovi book books boomer borussia boston boxing boyfriend bradley brandon
        brandy brasil braves brazil brenda brianna brisbane britain britney britneyspears brittany
        bronco broncos brooklyn brother brothers brownie browns bruins bubba bubblegum bubbles
        buckeyes bucuresti budapest buddha buddy buddyboy budweiser buffalo bugsbunny builder
        bulgaria bulldog bulldogs bulls bullshit bumblebee bunnies bunny business buster butter
        buttercup butterfly button buttons cactus cadillac caesar california callofduty camaro
        camera cameron camping canada canadiens cancer candy candycane candyland candyman cannabis
        capricorn captain captainamerica captainkirk cardinal cardinals caribbean carlitos carlos
        carmen carolina caroline carpenter cartman cash cashmoney casino cassandra cat catfish
        catherine cats catwoman celinedion celtic celtics centos challenger champion champions
        chance change changeit changeme changemenow changepassword changethis chaos chaosmagic
        charger chargers charizard charles charlie charlotte check checkers cheer cheerleader cheese
        cheeseburger cheesecake chelsea chelseafc chemistry cherokee cherries cherry chess chevelle
        chevrolet chevy chewbacca cheyenne chicago chicagobulls chicken chiefs child children chile
        china chivas chocolate chris christ christian christina christinaaguilera christine
        christmas christopher christy chrysler church cia ciao ciaociao cigarette cincinnati
        cinderella cinema cintaku cisco citroen civic class2010 claudia cleveland climbing
        cloudstrife clover clubamerica cobra cocacola cocaine cocksucker coconut coffee coldplay
        college colocolo colombia colonel colorado commando company computer computers concrete
        confused contrasena cookie cookiemonster cookies cool coolcool cooldude coolgirl coolguy
        coolio coolman cooper corazon corinthians corona coronavirus corvette cosmic cosmo cosmos
        counter counterstrike country countryboy countrygirl courage courtney covid cowboy cowboys
        cowgirl crackhead crazy crazyboy crazygirl crazyman creation creative cricket cristian
        cristiano cristina croatia crocodile cruzazul cruzeiro crypto crystal cuba cubs cullen
        cumshot cupcake cupcakes cyber cyberpunk cycling cynthia daddy daddysgirl daffyduck daisy
        dakota dallas dance dancer dancing daniel daniela danielle dark darkangel darkknight
        darklord darkness darkside darthvader database david davidson dccomics dead deadman deadpool
        death deathmetal deathnote deathstar debian deborah december deepak deeppurple default
        defaultpassword deftones demo demodemo demon denise denmark dennis dentist denver
        depechemode derrick desert design designer desiree destiny detective detroit deutschland
        devil diamond diamonds diana dickhead diesel diet digimon digital dlink dmitry docker doctor
        doctors dodge dodgers dog dogecoin doggie doggies doggy dogs dollar dollarbill dollars
        dolphin dolphins dominic dominicana dominik dominika dominique donald donaldduck donatello
        donkey donovan dontknow doraemon dorothy dortmund douglas dracula dragon dragonball
        dragonballz dragonfire dragonfly dragons drake dream dreamcast dreamer dreaming dreams
        dreamteam driver drowssap drummer drums drupal ducati duckling ducks dumbass dumbledore
        dustin dylan eagle eagles earth ebay ecuador eduardo edward eeyore egypt einstein ekaterina
        eleanor electric electron element elements elephant elephants elizabeth emerald emily eminem
        emma emmanuel emotional empire endless energy engine engineer engineering england english
        enterprise eric erica ericsson ernesto esmeralda espana esther eternal eternity ethereum
        eugene evanescence evangelion evelyn everlast everton everyone everything evolution example
        excellent explorer express extreme fabian facebook faith faithful falcon falcons fall
        fallenangel fallout falloutboy familia family familyguy fantastic fantasy father fatima
        fatma fbi fcbarcelona fcporto fearless february federico fedora felipe felix fender
        fenerbahce fernanda fernando ferrari feyenoord fiat fighter fighters finalfantasy finance
        findingnemo finland fire fireball firebird firefighter firefly fireman fisherman fishing
        fitness flamengo flash flashback florence florian florida flower flowers flyaway flyers
        flying foofighters football ford fordf150 forest forever foreverlove forgotten fortnite
        fortune fortytwo fourtwenty foxtrot foxylady france francesca francesco francis francisco
        frank frankenstein frankfurt franklin freak freaky freddiemercury freddy frederic frederick
        freebird freedom french friday friend friends friendship frodo froggie froggy frogs frosty
        fruit fucker fuckers fuckit fuckme fuckoff fuckthis fuckyall fuckyou funny funtime fussball
        futbol futurama future gabriel gabriela gabrielle galatasaray galaxy galileo gameboy
        gamecube gamer gamergirl gamers gaming gandalf ganesh gangsta gangster ganja garden garfield
        gasoline gateway gators gecko geek geheim geheimnis gemini general generation genius
        gentleman geoffrey george georgia gerald gerardo german germany getmoney ghost ghostrider
        ghosts giants gibson gilbert ginger giovanna giovanni giraffe girlfriend github gitlab
        giuseppe gizmo gladiator gloria gmail godbless goddess godfather godisgood godisgreat
        godislove godzilla gofish gogogo goku gold golden goldeneye goldfish goldie golf golfball
        golfer golfgti golfing gollum gonzalo goodboy goodbye goodday goodgirl goodlife goodluck
        goodmorning goodtimes goofy google googlegoogle gordon gorgeous gospel grace gracie grandma
        grandpa granite gravity greatest greece green greenday greeneyes greengreen gregory gremio
        griffey griffin grizzly gryffindor gtavicecity guardian guest guestguest guillermo guineapig
        guinness guitar guitarist guitars gunner gunsnroses gustavo guten gutentag gymnast gypsy
        hacker hackers hackme halflife hallelujah hallo hallohallo hallowed halloween hamburg
        hamburger hamlet hammer hammers hamster handsome hannah hannahmontana hannibal hansolo
        happiness happy happyday happydays happyface happyfeet hardcore hardon harley harleydavidson
        harleyquinn harmony harold harrison harry harrypotter harrystyles harvest haslo haslohaslo
        hassan hawaii hawk hawkeye health healthy heartbeat heartbreak heartbreaker heartless hearts
        heat heather heaven heavenly heavymetal hector heidi heineken helena hell hellfire hello
        hellohello hellokitty hellothere helloworld helpdesk helsinki henry herbert hercules hermes
        hermione hero heroes heroin heslo highlander highschool hiking hiphop hippo history hoanganh
        hobbit hockey hogwarts hola holahola holiday holland hollywood holmes holyspirit homeboy
        homer homersimpson homerun homework honda hondacivic honey honeybear honeybee honeybun
        hongkong hope hopeful horny horse horses hospital hotdog hotdogs hotgirl hotmail hotmama
        hotrod hotstuff hottie hotties houston howard hrvatska hulk hulkhogan humberto hummer
        hungary hunter hunting hurricane husband huskers husky hussein hustler iamthebest ibrahim
        ibrahimovic ice iceberg icecream icecube icehouse iceland iceman idontcare idontknow idunno
        ignacio ihatethis ihateyou illusion ilovecats ilovedad ilovedogs ilovegod iloveher ilovehim
        iloveit ilovejesus ilovelife iloveme ilovemom ilovemum ilovemusic ilovemycat ilovemydad
        ilovemydog ilovemyfamily ilovemymom ilovemyself ilovepizza iloveu iloveyou image images
        imissyou immortal imperial impossible impreza imthebest incubus independent india indigo
        indonesia ineedyou infantry inferno infinite infinity insane insanity inspiron instagram
        inter1908 intermilan internet intrepid inuyasha invisible ipad iphone ireland ironmaiden
        ironman isabel isabella isabelle isaiah island islands israel istanbul italia italy ivan
        iverson iwantyou jack jackass jackie jackpot jackrabbit jackson jacksparrow jacob jacqueline
        jaguar jake jakub jamaica james jamesbond jamie janet january japan jasmin jasmine jason
        javier jedi jedimaster jeep jeffrey jellybean jellybeans jellyfish jelszo jenkins jennie
        jennifer jenniferlopez jeremiah jeremy jerome jerry jersey jerusalem jesse jessica jesus
        jesuschrist jesusislord jesuslovesme jesussaves jetaime jewel jewels jimmy jingle joanna
        joanne joe john johncena johndoe johnjohn johnny johnsmith johnson joker jokers
        jonasbrothers jonathan joomla jordan jorge jose joseph josephine joshua joyful jubilee
        juggalo julia julian juliana julie juliet july jumper june jungle junior juniper jupiter
        justdoit justforfun justice justin justinbieber justine justme juventus kaitlyn kamil
        kangaroo kanye karaoke karate karen karina karolina katarzyna katerina katherine kathleen
        katie katrina katyperry kawasaki kayla keith kelly kelsey kenneth kennwort kenny kentucky
        kenya kermit kevin khadija kickass kickflip killa killer killers killjoy kimberley kimberly
        king kingdom kingkong kings kiss kisses kissme kissmyass kitten kittens kitty kittycat
        knicks knight knights knockout kobe kobebryant koeln korea korn krakow krishna kristen
        kristin kristina krzysztof kubernetes kyle lacrosse ladies ladybird ladybug ladygaga lakers
        lakshmi lalala lalalala lamborghini laracroft lasagna laser lasvegas laughter laura lauren
        lavender lawrence lawyer lazio leagueoflegends lebron lebronjames ledzeppelin leedsunited
        legend legends legolas leicester lemonade lemons lenovo leo leonard leonardo leprechaun
        leslie lespaul leticia letmein letmeinnow letmepass liberty libra library lieutenant
        lifeguard lifeisgood lifesucks lighthouse lightning lilies lilmama lilman liloandstitch lily
        limited limpbizkit linda lindsay lindsey linkedin linkinpark linksys linux lion lionelmessi
        lionking lions lisa lisboa littlegirl littleman littlemermaid littleone liverpool
        liverpoolfc lizard lkjhgfdsa lobster loca loco logan login loginlogin logitech logmein
        lollipop lollypop london lonely lonewolf longhorn longhorns looneytunes lordjesus
        lordoftherings lorenzo lorraine losangeles losenord lostsoul lottery louise lovebird lovebug
        lovehurts loveislife loveless lovelife lovelove lovely lover loverboy lovergirl lovers
        lovestory loveyou lozinka lucas lucia lucifer lucky luckycharm luckydog luckyone luckystar
        luis lukasz luke lukeskywalker lynn macaroni macbeth macbook machine macintosh mackenzie
        madeline madison madonna madrid magdalena maggie magic magical magician magnet magnolia
        magnum mahalkita mahalko malaysia malgorzata mama mamamia mamapapa manager manchester
        manchestercity manchesterunited mancity mango manhattan maniac mankind manuel manunited
        manutd mapleleafs maradona marathon marcela marcelo march marcin marco marcos marcus
        margaret margarita maria mariah mariahcarey mariana marie marijuana marilyn marilynmanson
        marina marine mariners marines mario mariposa marisol marissa mark marketing marlboro
        marlene marley marriage married mars marshall marshmallow martha martin martina martinez
        martini marvel mary maryjane mason master masterkey masterpassword mateusz math mathematics
        mathieu mathilde matrix matteo matthew matthias maureen maurice mauricio maverick max
        maximus maxwell may mazda meatball meatloaf mechanic medical megadeth megatron mehmet
        melanie melbourne melissa melody memories memory memphis mercedes mercedesbenz mercury
        meredith merhaba mermaid messenger messi metallic metallica metroid mets mexico miami
        michael michaela michaeljordan michal michelangelo michelle michigan mickey mickeymouse
        micorazon microsoft middlesbrough midget midnight miguel miguelangel mike milano mileycyrus
        military millennium million millionaire minecraft minimum minister minnie minniemouse
        miracle miracles mirage miranda mischief missile mission mistress mitsubishi mittens mivida
        mnbvcxz mobile mohamed mohammed molly mommy monamour monday money moneymaker moneymoney
        mongodb monica monika monique monkey monkeyman monkeys monopoly monster monsters montana
        montreal moonbeam moonlight moonshine moonwalk moose mordor morgan morning mortalkombat
        moscow motdepasse mother motherfucker motion motocross motorcycle motorola mountain
        mountaindew mountains movie movies mudvayne muenchen muffin muhammad munich murder muscle
        music musica musical musiclover musicman musketeer mustafa mustang mustangs myangel mybabe
        mybaby mycat mychemicalromance mydog myfamily myheart mylife mylove myloves myname mypass
        mypassword mysecret myself myspace mysql mystery mystic mystical nadezhda namaste nancy
        napoleon napoli naruto nascar nashville natalia natalie natalka natasha nathalie nathan
        nathaniel natural naturals nature naughty navigator navy ncc1701a ncc1701d ncc1701e
        nederland needforspeed nelson nemesis nemo neo12345 neptune nerd netflix netgear network
        networks neutron nevada neverland nevermind newcastle newjersey newlife newpassword newport
        newton newyear newyork newyorkcity newzealand neymar nguyen nguyenvan nicholas nickjonas
        nicola nicolas nicole nigeria nightfall nightmare nightwing nightwish nikita ninja ninjas
        nintendo nirvana nissan nitro nobody nokia nomore noname nopassword norman norway notebook
        nothing november novembre nsync nuclear number numberone nurse nurses nutmeg oakland oasis
        oatmeal oblivion ocean oceans october octopus odysseus office offspring ohio oklahoma
        oldpassword oliver olivia omega one onedirection onelove onepiece onetwo onetwothree onlyyou
        opendoor opensesame opensource openup operator optimist optimus optimusprime oracle orange
        oranges orchid orgasm original orlando oscar outkast outlaw outlaws outlook outside overlord
        oxygen p0o9i8u7 p4ssw0rd p4ssword pa55w0rd pa55word pablo pacific packers padawan painless
        painter pakistan palmeiras pamela panama panasonic pancake panda pandas pandora pantera
        panther panthers paola papa papito paradise paramore paris parker parola parolamea pass
        passcode passion passions passkey passme passpass passphrase passw0rd password passwords
        passwort pathfinder patience patricia patrick patrickstar patriots patrizia paul paula
        pauline pawel payday paypal peace peaceandlove peaceful peach peaches peanut peanuts pearl
        pearljam pedro peekaboo pegasus pele penguin penguins penis penthouse pentium people pepper
        peppers pepsi pepsicola perfect perfection persian personal peru peter peterpan petunia
        peugeot phantom pharmacy philadelphia philip philippines philips phillies phillip phillips
        philly phoenix phoenixaz phone photo photographer photography photos phuong physics piano
        pianoman picard picasso pickle pickles picture pictures pierre piglet pikachu pilipinas
        pilot pinball pineapple pingpong pink pinkfloyd pinklady pinkpanther pinkpink pinky piotr
        pirate pirates pisces pistons pittsburgh pizza pizzapizza plasma platinum playboy player
        players playgirl playmate playstation please pleasure plumber pluto pocahontas poiuytrewq
        pokemon poker pokerface poland polarbear polaris police policeman polska pony poodle pooh
        poohbear popcorn popeye popstar poptart porkchop porn pornhub porno pornstar porsche
        portable portland porto portugal poseidon positive postgres postgresql postman potato
        pothead power powerade powerful powers pradeep precious predator present president prestige
        pretty prettygirl prince princes princesa princess princeton principal prinzessin priority
        priscilla privacy private privet priyanka prodigy producer progress project projects prophet
        prospect prosper prosperity protect proton psalm23 psveindhoven psycho public puertorico
        pumas pumpkin punkrock puppies puppy purple purplerain pussies pussy pussycat python
        q12345678 q123456789 q1q1q1q1 q1w2e3r4 q1w2e3r4t5 q1w2e3r4t5y6 qazwsx qazwsxedc quality
        quantum quarantine quebec queen queenbee queenqueen queens question quicksilver qwe123
        qwe123qwe qweasd qweasdzxc qweqwe qwer1234 qwerty qwertyqwerty qwertyui qwertyuiop qwertz
        rabbit rabbits racecar rachel rachelle racing radical radio radiohead rafael rageagainst
        rahasia raiders rainbow rainbows raindrop rainyday rajesh rambler rambo ramesh rammstein
        ramona rampage random randy ranger rangers raphael rapper rapunzel raquel rascal raspberry
        rasta rastaman raven ravens raymond reading realmadrid rebecca rebel rebels red reddevil
        reddevils redhat redhead redhot redhotchili redhotchilipeppers redis redneck redred redrose
        redrum redskins redsox redwings reggae regina remember remote renata renault renegade
        republic respect retriever revenge revolution reynolds rhapsody rhythm ricardo rich richard
        richie rightnow rihanna river riverplate roadkill roadking roadrunner robert roberta roberto
        robin roblox robocop robot robots rockandroll rocket rocketman rockets rocknroll rockstar
        rocky rodney rodrigo roger roland rolling rollingstones rollsroyce roma romance romania
        romantic romaroma romeo romeoandjuliet ronald ronaldinho ronaldo rooney roosevelt rooster
        root rootadmin rootpassword rootroot rosalie rosario rose rosebud rosemary roses rotterdam
        roulette router roxanne ruben ruby rugby runaway runescape runner running rush2112 russell
        russia ryan sabotage sabrina sachin sacramento sadness sagittarius saibaba sailormoon saints
        salam salamander salasana salvador salvatore samantha sample samson samsung samuel samurai
        sanandreas sandeep sandiego sandman sandra sandwich sanfrancisco sanjay santana santiago
        santos santosh saopaulo sapphire sara sarah sarajevo sasha sasuke satan saturday saturn
        sauron savage savannah saxophone sayang sayangku scarface scarlet scarlett schalke school
        science scooby scoobydoo scorpio scorpion scotland scott scrabble scrappy seabass seahawks
        sean seashell season seattle sebastian sebastien secret secretpassword secrets secretword
        secure security selena selenagomez senha senhasenha senior sephiroth september serbia
        serenade serendipity serenity sergeant sergey sergio server servers service sesame sesamo
        seventeen seventy sex sexsex sexsexsex sexual sexy sexyback sexybeast sexybitch sexyboy
        sexygirl sexylady sexymama shadow shadows shaggy shakespeare shakira shamrock shanghai
        shannon shaq shark sharks sharon sheila shelby shelter sheriff sherlock shirley shit
        shithead shitshit shooting shopping shorty shotgun showboat showtime shrek sidekick siemens
        sierra silence silent silly silver silverado silverfox silvia simone simple simplicity
        simpsons singapore singer single sinister sister sisters skateboard skater skating skeeter
        skeleton skipper skittles skydive skyline skywalker slayer sleeping sleepy slimjim slimshady
        slipknot slytherin smackdown smarties smile smiles smiley smoke smokeweed smokey smoking
        smooth smoothie smurf snake snapchat snickers sniper snipers snoopdogg snoopy snowball
        snowbird snowboard snowboarding snowflake snowman snowwhite snuggles soccer softball soldier
        soldiers solitude solution somebody someone something somethingelse sonic sonicboom
        sonyericsson sooners sophia sophie sorcerer soulmate soundgarden southafrica southern
        southpark southside souvenir spaghetti spain spanish sparkle sparkles sparky spartan
        spartans special spectrum speedy spencer spicegirls spider spiderman spiders spirit
        spiritual splinter spock spongebob spooky sporting spotify spring sprinter spurs sputnik
        sqlserver squidward squirrel squirt stallion standard star starbucks starcraft stardust
        starfish stargate starlight stars starship starstar startrek starwars steelers stefan
        stefanie stefano stella stephanie stephen steve steven stingray stitch stockholm stonecold
        stoner stoners storm stormtrooper strange stranger strangers stratocaster strawberry
        streetfighter streets strength strikers stripper strong stronger stuart student students
        studio stupid subaru sublime submarine success successful sugar sugarplum suicide sum41
        summer summertime sundance sunday sunderland sundevil sunflower sunny sunnyday sunrise
        sunset sunshine super superadmin superduper superfly supergirl superhero superman supernova
        superpower supersecret supersonic superstar superuser supervisor support suresh surfer
        surfing surprise survivor susan susana suzanne suzuki sverige svetlana sweden sweetdreams
        sweetheart sweetie sweetness sweetpea sweets sweety swimmer swimming switzerland swordfish
        swordsman sydney sylvester sylvia symphony syracuse sysadmin system system0fadown
        systemofadown systems taiwan takethat talisman tamara tampa tanya tarantula tarheels tatiana
        tattoo taurus taylor taylorswift tazmania teacher teachers teamo teamomucho tech technical
        technology teddybear telecom telephone television temp temporal temporary temppass
        temptation tendulkar tennessee tennis tequiero tequila teresa terminator test test123test
        testament tester testing testpass testpassword testtest testuser texas thailand thanos
        theater theatre thebeast thebeatles thebest thebestone theboss theend thegame thegreat
        thegreatone theking theman themaster theodore theone thepassword theresa therock thinkpad
        thirteen thomas thor thriller thug thuglife thumper thunder thunderbird thursday thx1138
        tiamo tiffany tiger tigerlily tigers tigger tigres tiktok timber timeless timothy tina
        tinker tinkerbell titanic titanium titans together tokyo tomasz tomato tombraider tommy
        tomorrow tonight toolband toonarmy toor toosexy tootsie topaz topgun topsecret tornado
        toronto tortoise toshiba tottenham touchdown toyota tracey tractor traffic trainer training
        trample transfer transformers tranthi travel traveler travis treasure trevor triangle
        trigger trinity tripleh tristan triumph trojans trooper tropical trouble trucker trucking
        trucks truelove trumpet trustme trustno1 trustnoone truth tsunami tuesday tulip tulips tupac
        tupacshakur turbo turbos turkey turtle turtles tweety tweetybird twilight twinkle twins
        twisted twister twitter twothree tyler ubuntu uchiha ukraine underdog underground undertaker
        unicorn unicorns universal universe universitario university upload uploads uranus usa
        usarmy user username userpassword useruser usmc vacation vagina valentin valentina valentine
        valeria valerie valkyrie vampire vampires vancouver vanessa vanguard vanhalen vanilla vasco
        vegas vegeta velocity velvet vendetta venezuela vengeance venom venus verbatim veronica
        veronika victor victoria victory vienna vietnam vijay viking vikings vincent vintage
        violence violet violetta violin viper virginia virgo visca vision visitor vladimir vodka
        volcano voldemort volkswagen volleyball volunteer volvo voodoo voyager wachtwoord waffle
        wales wallace walter wanderer wanted warcraft warhammer warlock warlord warrior warriors
        warszawa washington wassup water waterfall waterloo waterman watermelon watson weather
        webmaster webster wedding wednesday weed weekend weezer welcome welcomeback welcomehome
        wendy werder werewolf wesley western westham westlife westside whale whatever whatsapp
        whatsup whiskey white whiteboy whitesox whitetiger whitney wife wildcat wildcats wildfire
        wildflower wildlife wildman wildwood william williams willkommen wilson wind windmill window
        windows windsurf windy winner winners winnie winniethepooh winning winston winter wintertime
        wisdom witamy witchcraft wizard wizards woaini wojciech wolf wolfgang wolfman wolfpack
        wolverine wolverines wolves wonderboy wonderful wonderland wonderwoman woodland woodstock
        word1234 wordpass wordpress workout worldcup worldofwarcraft worldpeace wrangler wrestle
        wrestler wrestling writer wsxedc wutang wwewwe xanadu xavier xbox360 xfiles xmen yahoo
        yamaha yamahar1 yankee yankees yaroslav yasmine yellow yesterday yeuem yoda yolanda yosemite
        youandme yourmom yourmother yourname yourpassword youtube yummy yvette yvonne zachary
        zaq12wsx zaq1xsw2 zaq1zaq1 zebra zeldalink zeppelin zeus zidane zigzag zildjian zodiac
        zombie zombies zoology zuzanna zxcv1234 zxcvbnm zxczxc
        """
}
